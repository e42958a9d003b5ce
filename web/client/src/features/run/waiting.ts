import type { Plan, Range } from '../../api/types';
import { duration, span } from '../../text/format';
import type { RunView } from '../stream/view';

/** Seconds that are not worth a word. */
const SOON = 3;
/** Silence that is nothing to speak of, however soon the end was expected. */
const QUIET_S = 15;

/** What the line beside the bar says; `now` in ms. */
export function statusWords(run: RunView, plan: Plan | null, now: number): string {
  if (run.phase === 'running' && run.progress) {
    const { message, current, total } = run.progress;
    const counted = current !== null && total !== null && total > 1;
    const steps = counted && !message?.includes(String(total)) ? `${current} of ${total}` : '';
    return [whichPicture(plan, run.progress.stepId), message ?? 'Rendering', steps].filter(Boolean).join(' · ');
  }
  if (run.phase === 'queued') return queueWords(run, now);
  return 'Starting';
}

/** Where one run paints several pictures: "picture 2 of 4", so that "step 1 of 20" is not taken for it. */
function whichPicture(plan: Plan | null, stepId: string | null): string {
  const delivered = plan?.steps.filter((step) => step.deliver) ?? [];
  const at = delivered.findIndex((step) => step.id === stepId);
  const what = delivered.every(({ outputs }) => Object.values(outputs).includes('image')) ? 'Picture' : 'Result';
  return delivered.length > 1 && at >= 0 ? `${what} ${at + 1} of ${delivered.length}` : '';
}

/** A correction counts down like what it corrects: a sentence that stands still would soon be as wrong. */
function queueWords({ place, eta, etaAt, reason, until, late }: RunView, now: number): string {
  if (reason) return [reason, place && place > 1 ? `Place ${place} in the queue.` : '', tried(until, now)].filter(Boolean).join(' ');
  const where = place && place > 1 ? `Place ${place} in the queue` : 'Next in line';
  if (!eta || (eta[1] <= SOON && !late)) return where;
  const left = remaining(eta, etaAt, now);
  const when = left[1] > SOON ? `starts in ${span(left)}` : 'starts any moment';
  return late ? `${where} · later than I said: ${when}` : `${where} · ${when}`;
}

/** How long somebody who is away is still waited for. */
function tried(until: number | null, now: number): string {
  const left = until === null ? 0 : (until - now) / 1000;
  return left > SOON ? `It is tried for ${duration(stepped(left, Math.ceil))}.` : '';
}

/** What is left of a range that was told at `toldAt` (ms): never less than nothing, nor more than was told. */
export function remaining([low, high]: Range, toldAt: number | null, now: number): Range {
  const gone = toldAt === null ? 0 : Math.max(0, (now - toldAt) / 1000);
  return [stepped(Math.max(0, low - gone), Math.floor), stepped(Math.max(0, high - gone), Math.ceil)];
}

/**
 * "about 40 s left" at `toldAt`, counted down from there: nothing of the last seconds, which never come out right.
 * Where nothing was heard for much longer than that, it says so instead of standing still.
 */
export function timeLeft(left: number | null, toldAt: number | null, now: number): string {
  const silent = toldAt === null ? 0 : Math.max(0, (now - toldAt) / 1000);
  if (silent > QUIET_S && silent > 2 * (left ?? 0)) return `no news for ${duration(stepped(silent, Math.floor))}`;
  const seconds = (left ?? 0) - silent;
  return seconds < SOON ? '' : `about ${duration(stepped(seconds, Math.ceil))} left`;
}

/** In steps, so that it does not tremble. */
function stepped(seconds: number, round: (value: number) => number): number {
  const step = seconds < 20 ? 1 : seconds < 90 ? 5 : seconds < 600 ? 30 : 60;
  return round(seconds / step) * step;
}
