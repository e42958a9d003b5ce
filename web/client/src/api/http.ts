import { uuid } from './ids';
import { parseProblem, unreachable } from './problem';

export const API = '/api/v1';

/** Waits before the second, third and fourth attempt, in ms. */
export const ATTEMPTS = [400, 1200, 3000];
const PASSING = new Set([502, 503, 504]);

/** Bytes of a body that may outlive the page. A browser takes 64 KiB of all of them together and refuses more. */
const OUTLIVING = 16 * 1024;

let reached = (): void => undefined;

/** Calls back whenever the studio itself answers, be it with a refusal. */
export function onReached(told: () => void): void {
  reached = told;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * One call. A POST carries an Idempotency-Key and is repeated with the same key when the network or a gateway fails,
 * so that a repeat can do no harm; reads are repeated too. A small write is finished by the browser even when the page
 * is left or loaded anew at once. Throws Problem.
 */
export async function call<T>(method: Method, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = key ?? uuid();
  const request: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (method !== 'GET') request.keepalive = outlives(request.body);
  return read<T>(await persist(API + path, request));
}

const outlives = (body: RequestInit['body']): boolean => typeof body !== 'string' || new Blob([body]).size <= OUTLIVING;

async function persist(url: string, request: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= ATTEMPTS.length;
    const response = await fetch(url, request).catch(() => null);
    if (response && !PASSING.has(response.status)) reached();
    if (response && (last || !PASSING.has(response.status))) return response;
    if (last) throw unreachable();
    await pause(ATTEMPTS[attempt]! * (0.75 + Math.random() / 2));
  }
}

async function read<T>(response: Response): Promise<T> {
  const body = await response.text();
  if (!response.ok) throw parseProblem(response.status, body, response.headers.get('Retry-After'));
  return (body ? JSON.parse(body) : undefined) as T;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
