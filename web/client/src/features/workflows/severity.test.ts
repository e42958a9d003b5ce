import { expect, it } from 'vitest';
import { bySeverity } from './severity';

it('says what speaks against a workflow first', () => {
  const found = [{ level: 'note' as const, n: 1 }, { level: 'error' as const, n: 2 }, { level: 'warning' as const, n: 3 }, { level: 'error' as const, n: 4 }];
  expect(bySeverity(found).map(({ n }) => n)).toEqual([2, 4, 3, 1]);
});
