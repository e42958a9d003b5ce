import type { Port } from '../../api/types';
import type { ConversationView } from '../stream/view';
import type { Filling } from './casting';

/** What of a conversation fits a slot, the newest first. What a person brought may be of any kind: the page cannot tell. */
export function candidates(view: Pick<ConversationView, 'turns'>, kind: Port['kind']): Filling[] {
  const all = view.turns.flatMap((turn) => [
    ...turn.attachments.map(({ asset_id, handle }) => ({ assetId: asset_id, handle })),
    ...turn.outputs.filter(({ asset }) => asset.kind === kind).map(({ asset, handle }) => ({ assetId: asset.id, handle })),
  ]);
  return all.reverse();
}
