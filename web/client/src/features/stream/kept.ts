import type { Conversation } from '../../api/types';

/** Turn id -> ids of its results that are there; only turns that are over, as others may still bring some. */
export type Kept = Readonly<Record<string, ReadonlySet<string>>>;

const OVER: ReadonlySet<string> = new Set(['done', 'cancelled', 'failed']);

export const keptIn = ({ turns }: Pick<Conversation, 'turns'>): Kept =>
  Object.fromEntries(
    (turns ?? []).filter(({ status }) => OVER.has(status)).map(({ id, outputs }) => [id, new Set((outputs ?? []).map(({ asset }) => asset.id))]),
  );

/** Whether a result that was told of is known to be gone; what is not known is taken to be there. */
export const lost = (kept: Kept, turnId: string, assetId: string): boolean => kept[turnId]?.has(assetId) === false;
