import { expect, it } from 'vitest';
import type { StreamEvent } from '../../api/types';
import { howFar } from './live';

const event = (fields: Record<string, unknown>) => fields as unknown as StreamEvent;

it('tells a tab that is not looked at how far its run is', () => {
  expect(howFar(event({ type: 'run.progress', fraction: 0.416 }))).toBe('42 %');
  expect(howFar(event({ type: 'run.queued', place: 3, eta_s: [1, 2] }))).toBe('Place 3 in the queue');
  expect([event({ type: 'run.queued', place: 1, eta_s: [1, 2] }), event({ type: 'run.output' })].map(howFar)).toEqual([null, null]);
});
