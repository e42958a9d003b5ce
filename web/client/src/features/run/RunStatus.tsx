import './run.css';
import type { Plan } from '../../api/types';
import { credits, duration, span } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { useNow } from '../../ui/now';
import { away } from '../stream/away';
import { runEnded, type RunView } from '../stream/view';
import { statusWords, timeLeft } from './waiting';
import { busy, cancel, cancelling, confirm } from '../turn/actions';

/** Where the run stands, in one line that keeps its place: queue, progress, or the question whether to start. */
export function RunStatus({ run, plan }: { run: RunView; plan: Plan | null }) {
  if (run.phase === 'waiting') return <Confirmation run={run} />;
  if (runEnded(run)) return null;
  return <Working run={run} plan={plan} />;
}

function Working({ run, plan }: { run: RunView; plan: Plan | null }) {
  const now = useNow(true);
  const current = !away.value;
  const fraction = run.progress?.fraction ?? null;
  const running = run.phase === 'running' && fraction !== null;
  const stopping = cancelling.value.has(run.id);
  return (
    <div class="run">
      <div
        class={running ? 'run-bar' : 'run-bar run-bar-idle'}
        role="progressbar"
        aria-label="Rendering"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={running ? Math.round(fraction * 100) : undefined}
      >
        <span style={{ transform: `scaleX(${running ? Math.max(0.02, fraction) : 1})` }} />
      </div>
      <div class="run-line">
        <span class="run-said">
          <span class={run.phase === 'queued' && (run.late || run.reason) ? 'run-words run-late' : 'run-words'}>{current ? statusWords(run, plan, now) : stopping ? 'It is cancelled as soon as the studio is back' : 'Reconnecting: how far it is will be told again'}</span>
          {running && current && <span class="run-left">{timeLeft(run.progress?.left ?? null, run.progress?.at ?? null, now)}</span>}
        </span>
        {running && current && <span class="run-percent">{Math.round(fraction * 100)} %</span>}
        <button type="button" class="button button-quiet button-small" disabled={stopping || busy.value.has(run.id)} onClick={() => void cancel(run.id)}>
          <Icon name="stop" /> {stopping ? 'Cancelling…' : 'Cancel'}
        </button>
      </div>
    </div>
  );
}

function Confirmation({ run }: { run: RunView }) {
  const stopping = cancelling.value.has(run.id);
  const waiting = stopping || busy.value.has(run.id);
  return (
    <section class="confirm" aria-label="Confirm this run">
      <p class="confirm-words">
        {run.estimate ? (
          <>This would take <strong>{span(run.estimate.seconds)}</strong> and cost <strong>{credits(run.estimate.credits)}</strong>.</>
        ) : 'This is a larger job.'}
        <span class="confirm-until">{until(run.expiresAt)}</span>
      </p>
      <div class="confirm-buttons">
        <button type="button" class="button button-main" disabled={waiting} onClick={() => void confirm(run.id)}>Run it</button>
        <button type="button" class="button button-quiet" disabled={waiting} onClick={() => void cancel(run.id)}>{stopping ? 'Cancelling…' : 'Not now'}</button>
      </div>
    </section>
  );
}

function until(expiresAt: string | null): string {
  const left = expiresAt ? (Date.parse(expiresAt) - Date.now()) / 1000 : NaN;
  if (!Number.isFinite(left)) return '';
  return left > 0 ? `The offer stands for ${duration(left > 3600 ? Math.round(left / 3600) * 3600 : left)}.` : 'The offer has expired.';
}
