import { expect, it } from 'vitest';
import type { Parameter, Port } from '../../api/types';
import { lacking, nextNumber, sentence } from './casting';

const blank = (required: boolean): Parameter => ({ type: 'string', description: '', default: null, minimum: null, maximum: null, step: null, choices: [], required, advanced: false });
const port: Port = { kind: 'image', description: '', count: [1, 1] };
const spell = { title: 'Sticker', blanks: { subject: blank(true), paper_colour: blank(false) }, ports: { image: port, style: port } };

it('says what is missing, in the words of a label', () => {
  expect(lacking(spell, { subject: ' ' }, { image: { assetId: 'x', handle: 'A1' } })).toEqual(['subject', 'style']);
  expect(lacking({ ...spell, ports: {} }, { subject: 'a fox' }, {})).toEqual([]);
});

it('is cast by a sentence that names blanks, and pictures in the order of its slots', () => {
  const both = { style: { assetId: 'y', handle: 'A2' }, image: { assetId: 'x', handle: 'A7' } };
  expect(sentence(spell, { subject: 'a fox; sitting', paper_colour: 'red' }, both, 9)).toBe('cast Sticker: subject = a fox, sitting; paper_colour = red; on A7 and A2');
  expect(sentence({ ...spell, blanks: {} }, {}, { image: { assetId: 'x', handle: 'A7' } }, 9)).toBe('cast Sticker on A7');
  expect(sentence({ ...spell, blanks: {}, ports: {} }, {}, {}, 9)).toBe('cast Sticker');
});

it('names what comes along by the handle that it is about to get', () => {
  const brought = { image: { assetId: 'x', handle: null }, style: { assetId: 'y', handle: null } };
  expect(sentence({ ...spell, blanks: {} }, {}, brought, nextNumber(['A1', 'A12', 'A3']))).toBe('cast Sticker on A13 and A14');
  expect(nextNumber([])).toBe(1);
});
