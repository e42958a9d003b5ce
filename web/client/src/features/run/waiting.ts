import { duration, span } from '../../text/format';
import type { RunView } from '../stream/view';

/** Seconds that are not worth a word. */
const SOON = 3;

export function statusWords(run: RunView): string {
  if (run.phase === 'running' && run.progress) {
    const { message, current, total } = run.progress;
    const counted = current !== null && total !== null && total > 1;
    const steps = counted && !message?.includes(String(total)) ? `${current} of ${total}` : '';
    return [message ?? 'Rendering', steps].filter(Boolean).join(' · ');
  }
  if (run.phase === 'queued') return queueWords(run);
  return 'Starting';
}

function queueWords({ place, eta, reason, late }: RunView): string {
  if (reason) return reason;
  if (late) return late;
  const where = place && place > 1 ? `Place ${place} in the queue` : 'Next in line';
  return eta && eta[1] > SOON ? `${where} · starts in ${span(eta)}` : where;
}

/** "about 40 s left": in steps, so that it does not tremble; nothing of the last seconds, which never come out right. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null || seconds < SOON) return '';
  const step = seconds < 20 ? 1 : seconds < 90 ? 5 : seconds < 600 ? 30 : 60;
  return `about ${duration(Math.ceil(seconds / step) * step)} left`;
}
