import { expect, it } from 'vitest';
import { called, fits, ordered, promptPieces, triggersOf } from './words';

const lora = { title: 'Disney', name: 'disney-v3', base: 'sdxl', triggers: ['disney style'], weight: 1 };

it('is found by words in any order, and called by a tag', () => {
  expect(fits(lora, 'SDXL style')).toBe(true);
  expect(fits(lora, 'flux')).toBe(false);
  expect(fits(lora, '')).toBe(true);
  expect(called(lora)).toBe('<lora:disney-v3:1.0>');
  expect(called({ ...lora, weight: 0.65 })).toBe('<lora:disney-v3:0.65>');
});

it('takes the tags of a prompt apart', () => {
  expect(promptPieces('portrait <lora:disney-v3:1.0> in disney style')).toEqual([
    { lora: false, text: 'portrait ' }, { lora: true, text: 'disney-v3 1.0' }, { lora: false, text: ' in disney style' },
  ]);
  expect(promptPieces('a < b')).toEqual([{ lora: false, text: 'a < b' }]);
});

it('reads trigger words from a line', () => {
  expect(triggersOf(' disney style, big eyes,, big eyes ')).toEqual(['disney style', 'big eyes']);
});

it('lists own ones first and those without a word last', () => {
  const list = [{ own: false, triggers: [] }, { own: false, triggers: ['x'] }, { own: true, triggers: [] }];
  expect(ordered(list)).toEqual([list[2], list[1], list[0]]);
});
