import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Info } from '../../api/types';
import { info, watchInfo } from './capabilities';

const answer = (status: string) => ({ capabilities: { image: { status, reason: '' } } }) as unknown as Info;
let answers: (string | null)[] = [];
let stop = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', () => {
    const next = answers.shift();
    return next ? Promise.resolve(new Response(JSON.stringify(answer(next)))) : Promise.reject(new TypeError('away'));
  });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  info.value = null;
});

it('asks again while pictures cannot be made, through a time without answers, and no longer than that', async () => {
  answers = ['unavailable', null, null, null, null, 'unavailable', 'real', 'unavailable'];
  info.value = answer('unavailable');
  stop = watchInfo();
  await vi.advanceTimersByTimeAsync(120_000);
  expect([info.value?.capabilities['image']?.status, answers]).toEqual(['real', ['unavailable']]);
});
