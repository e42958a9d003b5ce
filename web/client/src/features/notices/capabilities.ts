import { signal } from '@preact/signals';
import { getInfo } from '../../api/client';
import type { Info } from '../../api/types';

export type Capability = { state: 'real' | 'sketch' | 'unavailable'; reason: string | null };

export const info = signal<Info | null>(null);

export async function loadInfo(): Promise<void> {
  info.value = await getInfo().catch(() => null);
}

const STATES: readonly unknown[] = ['real', 'sketch', 'unavailable'];

/** A capability is a bare word, or an object with the word and a reason. */
export function capability(from: Info | null, kind: string): Capability | null {
  const found = from?.capabilities?.[kind];
  if (isState(found)) return { state: found, reason: null };
  if (typeof found !== 'object' || found === null) return null;
  const fields = found as Record<string, unknown>;
  const state = [fields['state'], fields['status'], fields['level'], fields['mode'], fields['value']].find(isState);
  return state ? { state, reason: typeof fields['reason'] === 'string' ? fields['reason'] : null } : null;
}

const isState = (value: unknown): value is Capability['state'] => STATES.includes(value);
