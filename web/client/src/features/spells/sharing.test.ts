import { expect, it } from 'vitest';
import { pageLink } from './sharing';

it('leads to the page, not to the API', () => {
  expect(pageLink('/api/v1/shared/spells/a-B_9', 'https://studio.example/agent', 'spell')).toBe('https://studio.example/agent?spell=a-B_9');
});
