import { expect, test } from 'vitest';
import { GRACE_MS, wantsStream, type Presence } from './presence';

const seen: Presence = { visible: true, hiddenForMs: 0, left: false, working: false };
const hidden: Presence = { ...seen, visible: false, hiddenForMs: GRACE_MS };

test('a page in sight holds its stream', () => {
  expect(wantsStream(seen)).toBe(true);
});

test('a glance at another tab costs no reconnect', () => {
  expect(wantsStream({ ...hidden, hiddenForMs: GRACE_MS - 1 })).toBe(true);
});

test('a page out of sight gives its connection back', () => {
  expect(wantsStream(hidden)).toBe(false);
});

test('a page out of sight waits for the end of its run', () => {
  expect(wantsStream({ ...hidden, hiddenForMs: 600_000, working: true })).toBe(true);
});

test('a page that was left holds nothing, whatever it was doing', () => {
  expect(wantsStream({ ...seen, left: true })).toBe(false);
  expect(wantsStream({ ...hidden, left: true, working: true })).toBe(false);
});
