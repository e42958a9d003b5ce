import { expect, it } from 'vitest';
import type { Port, ToolHead } from '../../api/types';
import { families, flow, portWords, rangeWords, split } from './sorting';

const port = (kind: Port['kind'], least = 1, most = 1): Port => ({ kind, description: '', count: [least, most] });
const tool = (name: string, family: string, available: boolean): ToolHead => ({
  name, title: name, description: '', family, tags: [], inputs: {}, outputs: { image: port('image') }, available, reason: available ? null : 'needs a GPU', score: 0,
});
const ALL = [tool('a', 'edit', false), tool('b', 'upscale', true), tool('c', 'edit', true), tool('d', 'edit', false)];

it('counts families, the largest first', () => {
  expect(families(ALL)).toEqual([{ name: 'edit', count: 3 }, { name: 'upscale', count: 1 }]);
});

it('puts what runs now before what does not, and keeps the order of the search in each', () => {
  const { now, later } = split(ALL, null);
  expect([...now, ...later].map(({ name }) => name)).toEqual(['b', 'c', 'a', 'd']);
  expect(split(ALL, 'edit').now.map(({ name }) => name)).toEqual(['c']);
});

it('says what goes in and out', () => {
  expect(flow({ inputs: {}, outputs: { image: port('image') } })).toBe('words → picture');
  expect(flow({ inputs: { image: port('image'), image_2: port('image'), mask: port('mask') }, outputs: { video: port('video') } })).toBe('picture, mask → video');
  expect(portWords(port('image', 2, 4))).toBe('2 – 4 pictures');
  expect(portWords(port('mask', 0, 1))).toBe('a mask, if you like');
});

it('says ranges, but not the one of a seed', () => {
  expect(rangeWords(1, 60)).toBe('1 to 60');
  expect(rangeWords(0, 9007199254740991)).toBe('');
  expect(rangeWords(null, null)).toBe('');
});
