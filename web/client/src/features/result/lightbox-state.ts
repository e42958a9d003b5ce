import { computed, signal } from '@preact/signals';
import { isDeleted, view } from '../stream/session';

/** Handle of the picture that is shown large. */
export const enlarged = signal<string | null>(null);

/** Every picture result of the conversation, oldest first: what the arrows walk through. */
export const pictures = computed(() =>
  view.value.turns.flatMap((turn) => turn.outputs.filter(({ asset }) => (asset.kind === 'image' || asset.kind === 'mask') && !isDeleted(turn.id, asset.id)).map((output) => ({ turn, output }))),
);

export function openLightbox(handle: string): void {
  enlarged.value = handle;
}

export function step(by: 1 | -1): void {
  const at = pictures.value.findIndex(({ output }) => output.handle === enlarged.value);
  const next = pictures.value[at + by];
  if (at >= 0 && next) enlarged.value = next.output.handle;
}
