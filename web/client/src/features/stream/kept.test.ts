import { expect, it } from 'vitest';
import type { Conversation } from '../../api/types';
import { keptIn, lost } from './kept';

const turn = (id: string, status: string, ...assets: string[]) => ({ id, status, outputs: assets.map((asset) => ({ asset: { id: asset }, handle: 'A1' })) });
const found = (...turns: object[]) => keptIn({ turns } as unknown as Conversation);

it('knows what was deleted of turns that are over, and takes everything else to be there', () => {
  const kept = found(turn('t1', 'done', 'a'), turn('t2', 'running', 'b'), turn('t3', 'cancelled'));
  expect([lost(kept, 't1', 'a'), lost(kept, 't1', 'gone'), lost(kept, 't3', 'gone')]).toEqual([false, true, true]);
  expect([lost(kept, 't2', 'new'), lost(kept, 't4', 'unheard of'), lost({}, 't1', 'a')]).toEqual([false, false, false]);
});
