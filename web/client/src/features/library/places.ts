import { computed, signal } from '@preact/signals';

/** Where one can be in the library. */
export type Place =
  | { view: 'tools' }
  | { view: 'tool'; name: string }
  | { view: 'spells' }
  | { view: 'spell'; id: string }
  | { view: 'save'; handle: string; title: string }
  | { view: 'cast'; id: string }
  | { view: 'edit'; id: string; fresh: boolean }
  | { view: 'shared'; token: string }
  | { view: 'loras' }
  | { view: 'lora'; id: string | null }
  | { view: 'workflows' }
  | { view: 'draft' }
  | { view: 'workflow'; id: string }
  | { view: 'sharedWorkflow'; token: string };

export type Tab = 'tools' | 'spells' | 'loras' | 'workflows';

/** How one came here, the present place last; empty: the library is closed. */
export const trail = signal<readonly Place[]>([]);
export const place = computed(() => trail.value.at(-1) ?? null);

export function openLibrary(at: Place = { view: 'tools' }): void {
  trail.value = [at];
}

export function go(to: Place): void {
  trail.value = [...trail.value, to];
}

/** As `go`, but Back leads past where one is now. */
export function turnTo(to: Place): void {
  trail.value = [...trail.value.slice(0, -1), to];
}

export function back(): void {
  trail.value = trail.value.slice(0, -1);
}

export function closeLibrary(): void {
  trail.value = [];
}

const TABS: Record<Place['view'], Tab> = {
  tools: 'tools', tool: 'tools', spells: 'spells', spell: 'spells', save: 'spells', cast: 'spells', edit: 'spells', shared: 'spells', loras: 'loras', lora: 'loras',
  workflows: 'workflows', draft: 'workflows', workflow: 'workflows', sharedWorkflow: 'workflows',
};

export const tabOf = (at: Place): Tab => TABS[at.view];
