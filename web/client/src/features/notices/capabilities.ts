import { effect, signal } from '@preact/signals';
import { getInfo } from '../../api/client';
import type { Info } from '../../api/types';

/** What this studio is made of; null until it answered. */
export const info = signal<Info | null>(null);

export async function loadInfo(): Promise<void> {
  info.value = await getInfo().catch(() => info.value);
}

const ASK_AGAIN_MS = 8_000;

/** "Cannot be made right now" is said only for as long as it is true. */
export const watchInfo = (): (() => void) =>
  effect(() => {
    if (info.value?.capabilities['image']?.status !== 'unavailable') return;
    const timer = setTimeout(() => void again(), ASK_AGAIN_MS);
    return () => clearTimeout(timer);
  });

/** An answer is a new object, which asks again after a while; without one the last stands, and is asked for again too. */
async function again(): Promise<void> {
  const before = info.value;
  await loadInfo();
  if (info.value === before && before) info.value = { ...before };
}
