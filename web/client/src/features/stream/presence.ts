/** How the page stands with the person: what decides whether it may hold one of the browser's few connections. */
export interface Presence {
  visible: boolean;
  /** How long it has been out of sight, in ms; 0 while visible. */
  hiddenForMs: number;
  /** Left, or kept in the back/forward cache. */
  left: boolean;
  /** Something of this conversation is being made, whose end the tab's title will tell. */
  working: boolean;
}

/** A glance at another tab should not cost a reconnect. */
export const GRACE_MS = 2_000;

/** A browser opens six connections to a host: a page nobody looks at must not keep one for nothing. */
export function wantsStream({ visible, hiddenForMs, left, working }: Presence): boolean {
  if (left) return false;
  return visible || working || hiddenForMs < GRACE_MS;
}
