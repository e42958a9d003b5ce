import { signal } from '@preact/signals';
import { parseProblem, unreachable } from '../api/problem';

const KEY = 'stationthis.admin';

/** The admin key, for as long as this tab lives. */
export const key = signal(sessionStorage.getItem(KEY) ?? '');

export function keep(given: string): void {
  key.value = given;
  if (given) sessionStorage.setItem(KEY, given);
  else sessionStorage.removeItem(KEY);
}

/** One call of the admin API. Throws Problem; a key that is not accepted is forgotten. */
export async function ask<T>(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET'): Promise<T> {
  const headers = { Accept: 'application/json', Authorization: `Bearer ${key.value}` };
  const answer = await fetch(`/api/v1/admin/${path}`, { method, headers, credentials: 'omit' }).catch(() => null);
  if (!answer) throw unreachable();
  const body = await answer.text();
  if (answer.status === 401 || answer.status === 403) keep('');
  if (!answer.ok) throw parseProblem(answer.status, body);
  return (body ? JSON.parse(body) : undefined) as T;
}
