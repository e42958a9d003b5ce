import { signal } from '@preact/signals';
import { uuid } from '../api/ids';
import { parseProblem, unreachable } from '../api/problem';

const KEY = 'stationthis.admin';

/** The admin key, for as long as this tab lives. */
export const key = signal(sessionStorage.getItem(KEY) ?? '');

/** Why the last key was not accepted; empty when none was refused. */
export const refusal = signal('');

export function keep(given: string): void {
  key.value = given;
  refusal.value = '';
  if (given) sessionStorage.setItem(KEY, given);
  else sessionStorage.removeItem(KEY);
}

/** One call of the admin API. Throws Problem; a key that is not accepted is forgotten, and the door says why. */
export async function ask<T>(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET'): Promise<T> {
  const given = key.value;
  const headers: Record<string, string> = { Accept: 'application/json', Authorization: `Bearer ${given}` };
  if (method === 'POST') headers['Idempotency-Key'] = uuid();
  const answer = await fetch(`/api/v1/admin/${path}`, { method, headers, credentials: 'omit' }).catch(() => null);
  if (!answer) throw unreachable();
  const body = await answer.text();
  if (answer.ok) return (body ? JSON.parse(body) : undefined) as T;
  const problem = parseProblem(answer.status, body);
  if ((answer.status === 401 || answer.status === 403) && key.value === given) {
    keep('');
    refusal.value = problem.message;
  }
  throw problem;
}
