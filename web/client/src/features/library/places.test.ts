import { beforeEach, expect, it } from 'vitest';
import { back, closeLibrary, go, openLibrary, place, tabOf, trail, turnTo } from './places';

beforeEach(closeLibrary);

it('leads back the way one came, and out at the end', () => {
  openLibrary({ view: 'spells' });
  go({ view: 'spell', id: 's' });
  go({ view: 'cast', id: 's' });
  back();
  expect(place.value).toEqual({ view: 'spell', id: 's' });
  back();
  back();
  expect(place.value).toBeNull();
});

it('forgets a step that is over: after saving, back does not lead to the form', () => {
  openLibrary({ view: 'spells' });
  go({ view: 'save', handle: 'A1', title: '' });
  turnTo({ view: 'edit', id: 's', fresh: true });
  expect(trail.value.map(({ view }) => view)).toEqual(['spells', 'edit']);
  expect(tabOf(place.value!)).toBe('spells');
});
