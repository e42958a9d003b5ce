import { expect, it } from 'vitest';
import type { RecipeStep } from '../../api/types';
import { blanksIn, leaveBlank, nameFor, pieces, settled } from './blanks';

const step = (prompt: string): RecipeStep => ({ id: 's1', tool: 't', params: { prompt, steps: 4 }, inputs: {}, deliver: null });

it('tells blanks from braces', () => {
  expect(pieces('{subject} as a {{sticker}}, {mood}')).toEqual([
    { blank: true, text: 'subject' }, { blank: false, text: ' as a {sticker}, ' }, { blank: true, text: 'mood' },
  ]);
  expect(pieces('a fox')).toEqual([{ blank: false, text: 'a fox' }]);
});

it('leaves a stretch blank, without the space around it, and names it after what stood there', () => {
  expect(leaveBlank('a red fox in snow', 0, 10, [])).toEqual({ name: 'fox', text: '{fox} in snow' });
  expect(leaveBlank('a red fox in snow', 9, 9, [])).toBeNull();
  expect(leaveBlank('a {colour} fox', 0, 6, [])).toBeNull();
});

it('gives every blank a name of its own, in letters that a recipe takes', () => {
  expect(nameFor('the Fox', ['fox', 'fox_2'])).toBe('fox_3');
  expect(nameFor('日本', [])).toBe('blank');
});

it('keeps what is known of a blank, drops what no text has any more, asks for new ones', () => {
  const known = { subject: { ...settled([step('{subject}')], {})['subject']!, description: 'who' }, old: settled([step('{old}')], {})['old']! };
  const steps = [step('{subject} in {place}')];
  expect(blanksIn(steps)).toEqual(['subject', 'place']);
  const made = settled(steps, known);
  expect(Object.keys(made)).toEqual(['subject', 'place']);
  expect(made['subject']!.description).toBe('who');
  expect(made['place']!.required).toBe(true);
});
