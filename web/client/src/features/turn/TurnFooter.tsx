import { IconButton } from '../../ui/IconButton';
import { sendWords } from '../composer/send';
import { isDeleted, ratings } from '../stream/session';
import type { TurnView } from '../stream/view';
import { busy, rate, retry } from './actions';

const NEXT_STEPS = [
  { label: 'More vibrant', words: 'make it more vibrant' },
  { label: 'Upscale 2×', words: 'upscale it 2x' },
  { label: 'Variations', words: 'four variations of this' },
];

/** What one can say about a finished turn, and the likely next sentences. */
export function TurnFooter({ turn, latest }: { turn: TurnView; latest: boolean }) {
  const rating = ratings.value[turn.id] ?? null;
  const there = turn.outputs.filter(({ asset }) => !isDeleted(turn.id, asset.id));
  const only = there.length === 1 ? there[0]! : null;
  return (
    <div class="turn-footer">
      {latest && only?.asset.kind === 'image' && <NextSteps assetId={only.asset.id} handle={only.handle} />}
      <div class="turn-buttons">
        <IconButton icon="thumb" label="Good" pressed={rating === 'up'} onClick={() => void rate(turn.id, 'up')} />
        <IconButton icon="thumb" flip label="Not good" pressed={rating === 'down'} onClick={() => void rate(turn.id, 'down')} />
        <IconButton icon="retry" label="Do it again" disabled={busy.value.has(turn.id)} onClick={() => void retry(turn.id)} />
      </div>
    </div>
  );
}

function NextSteps({ assetId, handle }: { assetId: string; handle: string }) {
  return (
    <div class="next-steps" role="group" aria-label={`Next steps for ${handle}`}>
      {NEXT_STEPS.map(({ label, words }) => (
        <button key={label} type="button" class="button button-small" onClick={() => sendWords(words, { replyTo: { assetId, handle } })}>{label}</button>
      ))}
    </div>
  );
}
