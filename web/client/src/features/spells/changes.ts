import { signal } from '@preact/signals';

/** Counts what was changed here: lists that are on the page read themselves again. */
export const changes = signal(0);

export const changed = (): void => void (changes.value += 1);
