import { signal } from '@preact/signals';
import { listTools, searchTools } from '../../api/tools';
import { faultOf } from '../../api/problem';
import type { Fault, ToolHead } from '../../api/types';
import { debounced } from '../../ui/debounce';

/** What is looked for, kept while the page lives: whoever looks at a tool and goes back finds the list as it was. */
export const words = signal('');
export const family = signal<string | null>(null);
export const found = signal<ToolHead[] | null>(null);
export const searchFault = signal<Fault | null>(null);

const PAUSE_MS = 160;
let asked = 0;

export function typed(said: string): void {
  words.value = said;
  family.value = null;
  soon();
}

const soon = debounced(() => void find(), PAUSE_MS);

/** Asks for what the words mean; of several answers under way only the newest counts. */
export async function find(): Promise<void> {
  const turn = ++asked;
  const said = words.value.trim();
  try {
    const { items } = await (said ? searchTools(said) : listTools());
    if (turn !== asked) return;
    found.value = items;
    searchFault.value = null;
  } catch (error) {
    if (turn === asked) searchFault.value = faultOf(error);
  }
}
