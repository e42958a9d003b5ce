import { expect, test } from 'vitest';
import { mishap, span, when } from './words';

test.each([[0, '0 s'], [99, '99 s'], [100, '2 min'], [5900, '98 min'], [7200, '2 h'], [200000, '2 d']])('%d seconds are %s', (seconds, said) => {
  expect(span(seconds)).toBe(said);
});

test('a moment is before or after now, or never', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(when('2025-12-31T23:59:30Z', now)).toBe('30 s ago');
  expect(when('2026-01-01T00:10:00Z', now)).toBe('in 10 min');
  expect(when(null, now)).toBe('never');
});

test('an attempt that failed says where, with what, and whose fault it was', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const setback = { at: '2025-12-31T23:59:30Z', instance: 'gpu-1', fault: 'connection', code: 'no_answer', submitted: false };
  expect(mishap(setback, now)).toBe('gpu-1, 30 s ago: no_answer (connection), before it was sent');
  expect(mishap({ ...setback, fault: 'host', code: 'host_failed', submitted: true }, now)).toBe('gpu-1, 30 s ago: host_failed');
});
