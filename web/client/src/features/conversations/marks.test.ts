import { expect, it } from 'vitest';
import { foremost, marksAfter } from './marks';

const heads = (activity: Record<string, 'working' | 'waiting' | null>) => Object.entries(activity).map(([id, what]) => ({ id, activity: what }));

it('marks what goes on elsewhere, and that it is over until it was looked at', () => {
  const at_work = marksAfter({}, heads({ a: 'working', b: 'waiting', c: null, d: 'working' }), 'd');
  expect(at_work).toEqual({ a: 'working', b: 'waiting' });
  const over = marksAfter(at_work, heads({ a: null, b: null, c: null, d: null }), 'd');
  expect(over).toEqual({ a: 'ready' });
  expect(marksAfter(over, heads({ a: null }), 'd')).toEqual({ a: 'ready' });
  expect(marksAfter(over, heads({ a: null }), 'a')).toEqual({});
  expect(marksAfter(over, heads({ a: 'working' }), 'd')).toEqual({ a: 'working' });
});

it('puts a question to the person first, then what is ready', () => {
  expect([foremost({}), foremost({ a: 'working' }), foremost({ a: 'working', b: 'ready' }), foremost({ a: 'ready', b: 'waiting' })]).toEqual([null, 'working', 'ready', 'waiting']);
});
