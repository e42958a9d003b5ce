import { expect, it } from 'vitest';
import { proposedName } from './naming';

const turn = (summary: string, text = '') => ({ intents: [{ kind: 'create' as const, summary, on: [], constraints: {} }], plan: null, text });

it('proposes what was made, shortly', () => {
  expect(proposedName(turn('a fox in the snow.'))).toBe('Fox in the snow');
  expect(proposedName(turn('', 'draw a robot'))).toBe('Draw a robot');
  expect(proposedName(turn('an endless sentence about the many colours of autumn leaves'))).toBe('Endless sentence about the many colours of');
});
