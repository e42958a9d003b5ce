import { expect, it } from 'vitest';
import { newRun, type RunView } from '../stream/view';
import { statusWords, timeLeft } from './waiting';

const queued = (fields: Partial<RunView>): RunView => ({ ...newRun('r'), phase: 'queued', ...fields });

it('tells the place and when it starts, a reason before that, and a wrong promise before all but the reason', () => {
  expect(statusWords(queued({ place: 3, eta: [40, 90] }))).toBe('Place 3 in the queue · starts in 40 s – 1 min 30 s');
  expect(statusWords(queued({ place: 1, eta: [0, 2] }))).toBe('Next in line');
  expect(statusWords(queued({ place: 1, eta: [60, 200], late: 'Longer than I said.' }))).toBe('Longer than I said.');
  expect(statusWords(queued({ place: 1, eta: [0, 9], reason: 'Away.', late: 'Longer.' }))).toBe('Away.');
});

it('tells the time left in steps, and nothing of the last seconds', () => {
  expect([null, 2, 12.1, 41, 150, 700].map(timeLeft)).toEqual(['', '', 'about 13 s left', 'about 45 s left', 'about 2 min 30 s left', 'about 12 min left']);
});
