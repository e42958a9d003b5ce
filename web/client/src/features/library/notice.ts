import { signal } from '@preact/signals';
import { faultOf } from '../../api/problem';
import type { Fault } from '../../api/types';

export interface Told {
  words: string;
  /** What can still be done about it. */
  undo?: () => void;
}

/** What was just done, and what could not be: within the library, which lies over the page's own notices. */
export const told = signal<Told | null>(null);
export const failed = signal<Fault | null>(null);

const SHOWN_MS = 7000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(words: string, undo?: () => void): void {
  clearTimeout(timer);
  failed.value = null;
  told.value = undo ? { words, undo } : { words };
  timer = setTimeout(() => (told.value = null), SHOWN_MS);
}

/** Does it, and says why if it cannot be done: then the answer is null. */
export async function attempt<T>(act: () => Promise<T>): Promise<T | null> {
  failed.value = null;
  try {
    return await act();
  } catch (error) {
    told.value = null;
    failed.value = faultOf(error);
    return null;
  }
}
