import { expect, it } from 'vitest';
import { ago, bytes, credits, duration, estimate, paramValue, span } from './format';

it('says sizes', () => {
  expect([12, 1234, 812_443, 999_600, 2_340_000, 23_782_500_000].map(bytes)).toEqual(['12 B', '1 kB', '812 kB', '1.0 MB', '2.3 MB', '23.8 GB']);
});

it('says durations', () => {
  expect([0.3, 3.2, 60, 75, 3600, 4000].map(duration)).toEqual(['under 1 s', '3 s', '1 min', '1 min 15 s', '1 h', '1 h 6 min']);
});

it('says ranges of time as a person would', () => {
  expect(span([0.1, 0.6])).toBe('under 1 s');
  expect(span([0.3, 1.2])).toBe('about 1 s');
  expect(span([2, 4])).toBe('about 3 s');
  expect(span([0.4, 8])).toBe('up to 8 s');
  expect(span([6, 12])).toBe('6 – 12 s');
  expect(span([300, 480])).toBe('5 min – 8 min');
});

it('says prices', () => {
  expect([[0, 0], [1, 1], [0.5, 2], [24, 36]].map((range) => credits(range as [number, number]))).toEqual(['free', '1 credit', '0.5 – 2 credits', '24 – 36 credits']);
  expect(estimate({ credits: [0, 0], seconds: [2, 4] })).toBe('free · about 3 s');
});

it('says parameters', () => {
  expect([0.1 + 0.2, true, null, 'x', [1, 2]].map(paramValue)).toEqual(['0.3', 'yes', '–', 'x', '[1,2]']);
});

it('says how long ago', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(ago('2026-01-01T23:59:40Z', now)).toBe('just now');
  expect(ago('2026-01-01T23:00:00Z', now)).toBe('1 h');
  expect(ago('nonsense', now)).toBe('');
});

it('an integer is shown digit for digit, however large', () => {
  const seeds = [0, 42, 1061207521976071, 1061207521976072, Number.MAX_SAFE_INTEGER];
  expect(seeds.map(paramValue)).toEqual(['0', '42', '1061207521976071', '1061207521976072', '9007199254740991']);
});
