import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { debounced } from './debounce';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('requests in quick succession are one call', () => {
  let calls = 0;
  const ask = debounced(() => calls++, 500);
  ask();
  vi.advanceTimersByTime(499);
  ask();
  vi.advanceTimersByTime(499);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
  ask();
  vi.advanceTimersByTime(500);
  expect(calls).toBe(2);
});
