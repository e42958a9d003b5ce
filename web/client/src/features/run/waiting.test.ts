import { expect, it } from 'vitest';
import type { Plan } from '../../api/types';
import { newRun, type RunView } from '../stream/view';
import { remaining, statusWords, timeLeft } from './waiting';

const queued = (fields: Partial<RunView>): RunView => ({ ...newRun('r'), phase: 'queued', ...fields });
const words = (run: RunView, now = 0, plan: Plan | null = null): string => statusWords(run, plan, now);

it('tells the place and when it starts, a reason before that, and a wrong promise before all but the reason', () => {
  expect(words(queued({ place: 3, eta: [40, 90] }))).toBe('Place 3 in the queue · starts in 40 s – 1 min 30 s');
  expect(words(queued({ place: 1, eta: [0, 2] }))).toBe('Next in line');
  expect(words(queued({ place: 1, eta: [60, 200], late: true }))).toBe('Next in line · later than I said: starts in 1 min – 3 min 30 s');
  expect(words(queued({ place: 1, eta: [0, 9], reason: 'Away.', late: true }))).toBe('Away.');
});

it('says beside a reason which place that is and how long it is tried, and promises nothing', () => {
  const run = queued({ place: 20, eta: null, reason: 'Away.', until: 1_800_000 });
  expect(words(run)).toBe('Away. Place 20 in the queue. It is tried for 30 min.');
  expect(words(run, 600_000)).toBe('Away. Place 20 in the queue. It is tried for 20 min.');
  expect(words({ ...run, place: null, until: null })).toBe('Away.');
});

it('counts a correction down too: it never stands there for longer than it says', () => {
  const run = queued({ place: 2, eta: [4, 9], etaAt: 0, late: true });
  expect([0, 5_000, 9_000].map((now) => words(run, now))).toEqual([
    'Place 2 in the queue · later than I said: starts in 4 – 9 s', 'Place 2 in the queue · later than I said: starts in up to 4 s',
    'Place 2 in the queue · later than I said: starts any moment',
  ]);
});

it('counts down from the moment it was told, and never below nothing', () => {
  const run = queued({ place: 1, eta: [10, 60], etaAt: 1_000 });
  expect([1_000, 6_000, 31_000, 60_000, 999_000].map((now) => words(run, now))).toEqual([
    'Next in line · starts in 10 s – 1 min', 'Next in line · starts in 5 – 55 s', 'Next in line · starts in up to 30 s',
    'Next in line · starts any moment', 'Next in line · starts any moment',
  ]);
  expect(remaining([10, 60], 5_000, 1_000)).toEqual([10, 60]); // a clock that is behind the server's promises no more
});

it('says which picture it is where there are several', () => {
  const step = (id: string, deliver = true) => ({ id, deliver, outputs: { image: 'image' } });
  const progress = { stepId: 's2', fraction: 0.1, current: 1, total: 20, message: 'Step 1 of 20', left: null, at: null };
  const run = { ...newRun('r'), phase: 'running' as const, progress };
  const several = { steps: [step('s0', false), step('s1'), step('s2'), step('s3'), step('s4')] } as unknown as Plan;
  expect(words(run, 0, several)).toBe('Picture 2 of 4 · Step 1 of 20');
  expect(words(run, 0, { steps: [step('s2')] } as unknown as Plan)).toBe('Step 1 of 20');
});

it('tells the time left in steps, and nothing of the last seconds', () => {
  expect([null, 2, 12.1, 41, 150, 700].map((left) => timeLeft(left, null, 0))).toEqual(['', '', 'about 13 s left', 'about 45 s left', 'about 2 min 30 s left', 'about 12 min left']);
});

it('counts the time left down while nothing is heard, and says when that is too long', () => {
  expect([0, 4_000, 7_000, 14_000, 16_000, 95_000].map((now) => timeLeft(7, 0, now))).toEqual([
    'about 7 s left', 'about 3 s left', '', '', 'no news for 16 s', 'no news for 1 min 30 s',
  ]);
  expect([30_000, 61_000].map((now) => timeLeft(30, 0, now))).toEqual(['', 'no news for 1 min']);
  expect(timeLeft(null, 0, 20_000)).toBe('no news for 20 s');
});
