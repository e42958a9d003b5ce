import type { Asset, Plan } from '../../api/types';
import type { ConversationView } from '../stream/view';

export interface Parent {
  assetId: string;
  handle: string;
}

/**
 * The named pictures a result was made from. An inner result has no handle, so where a direct parent has none the
 * plan's own inputs (which do) speak for it.
 */
export function parentsOf(asset: Asset, plan: Plan | null, assets: ConversationView['assets']): Parent[] {
  const direct = asset.parents?.map((parent) => parent.asset_id) ?? [];
  const planned = direct.every((id) => assets[id]) && direct.length ? [] : plannedInputs(plan);
  const ids = [...new Set([...direct, ...planned])].filter((id) => id !== asset.id);
  return ids.flatMap((id) => (assets[id] ? [{ assetId: id, handle: assets[id].handle }] : []));
}

const plannedInputs = (plan: Plan | null): string[] =>
  (plan?.steps ?? []).flatMap((step) =>
    Object.values(step.inputs ?? {}).flat().flatMap((source) => ('asset_id' in source ? [source.asset_id] : [])),
  );
