import { expect, it } from 'vitest';
import type { Intent } from '../../api/types';
import { intentLine } from './intent';

const intent = (kind: Intent['kind'], summary = '', on: string[] = []) => ({ kind, summary, on, constraints: {} });

it('says what is made and what is edited', () => {
  expect(intentLine([intent('create', 'a city.')])).toEqual({ verb: 'Creating', summary: 'a city' });
  expect(intentLine([intent('chain', 'upscale 2x', ['A2'])])).toEqual({ verb: 'Editing A2', summary: 'upscale 2x' });
  expect(intentLine([intent('iterate', 'blend', ['A1', 'A2', 'A3'])])?.verb).toBe('Editing A1, A2 and A3');
});

it('joins several requests in their order', () => {
  expect(intentLine([intent('iterate', 'black and white', ['A1']), intent('chain', 'crop square', ['A1'])])?.summary).toBe('black and white, then crop square');
});

it('needs no label for plain talk', () => {
  expect(intentLine([intent('chat', 'hello')])).toBeNull();
  expect(intentLine([intent('control', 'forget', ['A2'])])).toBeNull();
  expect(intentLine([])).toBeNull();
});
