import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { toast } from '../notices/toast';
import { cancel, cancelling } from './actions';

let answers: (Response | null)[] = [];
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  vi.stubGlobal('fetch', () => {
    const answer = answers[asked++] ?? null;
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('Failed to fetch'));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  cancelling.value = new Set();
  toast.value = null;
});

const away = (times: number): null[] => Array.from({ length: times }, () => null);

it('a cancel that the studio cannot hear is kept until it is back, and nobody is bothered', async () => {
  answers = [...away(10), new Response('{}', { status: 202 })];
  const done = cancel('r');
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  expect([asked, cancelling.value.has('r'), toast.value]).toEqual([11, true, null]);
});

it('a cancel that is refused is taken back and told, and one that comes too late is none', async () => {
  answers = [new Response(JSON.stringify({ status: 404, code: 'run_not_found', detail: 'There is no such run.' }), { status: 404 })];
  await cancel('r');
  expect([cancelling.value.has('r'), toast.value?.code]).toEqual([false, 'run_not_found']);
  answers = [null, new Response(JSON.stringify({ status: 409, code: 'already_ended', detail: 'It is over.' }), { status: 409 })];
  asked = 0;
  toast.value = null;
  const late = cancel('r');
  await vi.advanceTimersByTimeAsync(5_000);
  await late;
  expect([cancelling.value.has('r'), toast.value]).toEqual([true, null]);
});
