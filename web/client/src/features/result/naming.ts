import type { Asset } from '../../api/types';
import { promptOf } from '../plan/facts';
import type { OutputView, TurnView } from '../stream/view';

const LONGEST = 220;

/** Words for who cannot see the picture: what it was asked to be, and its name here. */
export function altText({ asset, handle, stepId }: OutputView, turn: TurnView): string {
  const step = turn.plan?.steps.find((candidate) => candidate.id === stepId);
  const words = (step && promptOf(step)) || turn.intents.map((intent) => intent.summary).find(Boolean) || turn.plan?.summary || turn.text;
  const short = words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
  return `${handle}${asset.sketch ? ' (sketch)' : ''}: ${short}`;
}

const EXTENSIONS: Record<string, string> = { jpeg: 'jpg', 'svg+xml': 'svg', plain: 'txt', mpeg: 'mp3', quicktime: 'mov', 'x-matroska': 'mkv', 'x-msvideo': 'avi', 'gltf-binary': 'glb', 'gltf+json': 'gltf' };

export function fileName(asset: Asset, handle: string): string {
  const subtype = asset.media_type.split('/')[1]?.split(';')[0] ?? 'bin';
  return `${handle}.${EXTENSIONS[subtype] ?? subtype}`;
}
