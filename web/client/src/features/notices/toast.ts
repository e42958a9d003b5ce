import { signal } from '@preact/signals';
import type { Fault } from '../../api/types';

/** A passing notice at the foot of the page; one at a time. */
export const toast = signal<Fault | null>(null);

const SHOWN_MS = 7000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function notify(fault: Fault): void {
  clearTimeout(timer);
  toast.value = fault;
  timer = setTimeout(dismiss, SHOWN_MS);
}

export function dismiss(): void {
  toast.value = null;
}
