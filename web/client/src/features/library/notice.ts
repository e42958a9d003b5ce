import { signal } from '@preact/signals';
import { faultOf } from '../../api/problem';
import type { Fault } from '../../api/types';
import { place, type Place } from './places';

export interface Told {
  words: string;
  /** Where it was said: it is over when one goes elsewhere. */
  at: Place | null;
  /** What can still be done about it. */
  undo?: () => void;
}

/** What was just done, and what could not be: within the library, which lies over the page's own notices. */
export const told = signal<Told | null>(null);
export const failed = signal<{ fault: Fault; at: Place | null } | null>(null);

const SHOWN_MS = 7000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(words: string, undo?: () => void): void {
  clearTimeout(timer);
  failed.value = null;
  const at = place.peek();
  told.value = undo ? { words, at, undo } : { words, at };
  timer = setTimeout(() => (told.value = null), SHOWN_MS);
}

/** Does it, and says why if it cannot be done: then the answer is null. */
export async function attempt<T>(act: () => Promise<T>): Promise<T | null> {
  failed.value = null;
  try {
    return await act();
  } catch (error) {
    told.value = null;
    failed.value = { fault: faultOf(error), at: place.peek() };
    return null;
  }
}
