import { signal } from '@preact/signals';

/** Ids of results that were deleted on this page, or are about to be: they are shown nowhere. */
export const removed = signal<ReadonlySet<string>>(new Set());

export const hide = (id: string): void => void (removed.value = new Set([...removed.value, id]));

export const unhide = (id: string): void => void (removed.value = new Set([...removed.value].filter((other) => other !== id)));
