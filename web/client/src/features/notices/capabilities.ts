import { signal } from '@preact/signals';
import { getInfo } from '../../api/client';
import type { Info } from '../../api/types';

/** What this studio is made of; null until it answered. */
export const info = signal<Info | null>(null);

export async function loadInfo(): Promise<void> {
  info.value = await getInfo().catch(() => info.value);
}
