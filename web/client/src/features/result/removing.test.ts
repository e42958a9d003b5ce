import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { toast } from '../notices/toast';
import { removed } from '../stream/removed';
import { leaving, remove, sendAll, undo, UNDO_MS } from './removing';

let sent: string[] = [];
let answer = () => new Response(null, { status: 204 });

beforeEach(() => {
  vi.useFakeTimers();
  [sent, removed.value, toast.value] = [[], new Set(), null];
  answer = () => new Response(null, { status: 204 });
  vi.stubGlobal('fetch', (url: string, request: RequestInit) => {
    sent.push(`${request.method} ${url}`);
    return Promise.resolve(answer());
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('tells the studio only when the time to undo is over, and once', async () => {
  remove('a');
  remove('a');
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect([sent, removed.value.has('a'), leaving.value.has('a')]).toEqual([[], true, true]);
  await vi.advanceTimersByTimeAsync(1);
  expect([sent, removed.value.has('a'), leaving.value.has('a')]).toEqual([['DELETE /api/v1/assets/a'], true, false]);
});

it('is undone without a word to the studio', async () => {
  remove('a');
  undo('a');
  await vi.advanceTimersByTimeAsync(UNDO_MS * 2);
  expect([sent, removed.value.has('a'), leaving.value.size]).toEqual([[], false, 0]);
});

it('is done at once when the page is left', async () => {
  remove('a');
  remove('b');
  sendAll();
  await vi.advanceTimersByTimeAsync(UNDO_MS * 2);
  expect(sent).toEqual(['DELETE /api/v1/assets/a', 'DELETE /api/v1/assets/b']);
});

it('shows the result again, and why, when the studio refuses', async () => {
  answer = () => new Response(JSON.stringify({ code: 'no_account', detail: 'No.' }), { status: 401 });
  remove('a');
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect([removed.value.has('a'), toast.value?.code]).toEqual([false, 'no_account']);
});

it('stays gone when it was gone already', async () => {
  answer = () => new Response(JSON.stringify({ code: 'asset_not_found', detail: 'Gone.' }), { status: 404 });
  remove('a');
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect([removed.value.has('a'), toast.value]).toEqual([true, null]);
});
