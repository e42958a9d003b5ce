import { expect, it } from 'vitest';
import type { StreamEvent } from '../../api/types';
import { announcement } from './announce';
import { newRun, type TurnView } from './view';

const event = (fields: Record<string, unknown>) => fields as unknown as StreamEvent;
const at = (fraction: number) => ({ run: { ...newRun('r'), progress: { stepId: null, fraction, current: null, total: null, message: null } } }) as TurnView;

it('says what was understood', () => {
  const intents = [{ kind: 'iterate', summary: 'more vibrant', on: ['A1'], constraints: {} }];
  expect(announcement(event({ type: 'intent', intents }), null)).toBe('Understood: Editing A1, more vibrant');
});

it('speaks progress only at the quarters', () => {
  expect(announcement(event({ type: 'run.progress', fraction: 0.52 }), at(0.4))).toBe('Rendering 50 %');
  expect(announcement(event({ type: 'run.progress', fraction: 0.6 }), at(0.52))).toBeNull();
});

it('says aloud that a promise was wrong', () => {
  const queued = { type: 'run.queued', place: 2, eta_s: [60, 200] };
  expect(announcement(event(queued), null)).toBe('Waiting in the queue, place 2');
  expect(announcement(event({ ...queued, message: 'This takes longer than I said.' }), null)).toBe('This takes longer than I said.');
});

it('says that a picture is ready', () => {
  expect(announcement(event({ type: 'run.output', handle: 'A2' }), null)).toBe('Picture A2 ready');
});
