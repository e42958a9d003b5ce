import { beforeEach, expect, it } from 'vitest';
import { closeLibrary, openLibrary, place } from '../library/places';
import { offered, takeWorkflow } from './offered';

beforeEach(closeLibrary);

it('takes JSON anywhere, and a picture only where workflows are', () => {
  const picture = new File(['x'], 'a.png', { type: 'image/png' });
  expect(takeWorkflow(picture)).toBe(false);
  expect(place.value).toBeNull();
  const json = new File(['{}'], 'flow.JSON', { type: '' });
  expect(takeWorkflow(json)).toBe(true);
  expect(place.value).toEqual({ view: 'draft' });
  openLibrary({ view: 'workflows' });
  expect(takeWorkflow(picture)).toBe(true);
  expect(offered.value).toBe(picture);
});
