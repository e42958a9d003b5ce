import './turn.css';
import { Prose } from '../../text/Prose';
import { FaultNote } from '../../ui/FaultNote';
import { Icon } from '../../ui/Icon';
import { memo } from '../../ui/memo';
import { PlanCard } from '../plan/PlanCard';
import { Gallery } from '../result/Gallery';
import { RunStatus } from '../run/RunStatus';
import type { TurnView } from '../stream/view';
import { busy, retry } from './actions';
import { Clarification } from './Clarification';
import { intentLine } from './intent';
import { Said } from './Said';
import { Thinking } from './Thinking';
import { TurnFooter } from './TurnFooter';

interface Props {
  turn: TurnView;
  latest: boolean;
}

/** One message of the person and everything the agent did about it. */
export const Turn = memo(function Turn({ turn, latest }: Props) {
  return (
    <article class="turn" id={`turn-${turn.id}`} aria-label={turn.text || 'Message'}>
      <Said text={turn.text} files={turn.attachments.map(({ asset_id, handle }) => ({ assetId: asset_id, handle }))} />
      <div class="agent">
        <Understood turn={turn} />
        {turn.reply && <Prose text={turn.reply} />}
        {turn.clarification && <Clarification {...turn.clarification} open={latest && turn.status !== 'cancelled'} />}
        {turn.plan && <PlanCard plan={turn.plan} run={turn.run} reply={turn.reply} />}
        <Gallery turn={turn} latest={latest} />
        {turn.run && <RunStatus run={turn.run} plan={turn.plan} />}
        <Cancelled turn={turn} />
        <Failure turn={turn} />
        {FINISHED.has(turn.status) && <TurnFooter turn={turn} latest={latest} />}
      </div>
    </article>
  );
});

const FINISHED: ReadonlySet<TurnView['status']> = new Set(['done', 'answered']);

function Cancelled({ turn }: { turn: TurnView }) {
  if (turn.status !== 'cancelled') return null;
  return (
    <p class="run-note">
      {turn.outputs.length ? 'Cancelled. What was finished by then is yours.' : 'Cancelled.'}{turn.run?.refunded && ' Nothing was charged.'}
      <RetryButton turnId={turn.id} />
    </p>
  );
}

function RetryButton({ turnId }: { turnId: string }) {
  return (
    <button type="button" class="button button-small" disabled={busy.value.has(turnId)} onClick={() => void retry(turnId)}>
      <Icon name="retry" /> Try again
    </button>
  );
}

function Understood({ turn }: { turn: TurnView }) {
  const line = intentLine(turn.intents);
  // A reply about the plan says the same in better words: then the label alone is enough.
  const retold = turn.reply !== '' && turn.plan !== null;
  if (line) {
    return (
      <p class="understood">
        <Icon name="spark" />
        <span><b>{line.verb}</b>{line.summary && !retold && <> – {line.summary}</>}</span>
      </p>
    );
  }
  const silent = turn.status === 'working' && !turn.reply && !turn.plan && !turn.clarification;
  return silent ? <Thinking /> : null;
}

function Failure({ turn }: { turn: TurnView }) {
  if (turn.status !== 'failed' && turn.run?.phase !== 'failed') return null;
  const fault = turn.error ?? { code: 'failed', message: 'This did not work.', action: null };
  const refunded = turn.run?.refunded ? 'Nothing was charged.' : null;
  return (
    <FaultNote fault={{ ...fault, action: [fault.action, refunded].filter(Boolean).join(' ') || null }}>
      {turn.status === 'failed' && <RetryButton turnId={turn.id} />}
    </FaultNote>
  );
}
