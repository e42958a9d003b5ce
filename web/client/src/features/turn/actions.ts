import { signal } from '@preact/signals';
import * as api from '../../api/client';
import { pause } from '../../api/http';
import { faultOf, Problem } from '../../api/problem';
import type { Rating } from '../../api/types';
import { notify } from '../notices/toast';
import { ratings } from '../stream/session';

/** Ids of turns and runs whose button was pressed and not yet answered. */
export const busy = signal<ReadonlySet<string>>(new Set());

export const retry = (turnId: string): Promise<boolean> => press(turnId, () => api.retryTurn(turnId));
export const confirm = (runId: string): Promise<boolean> => press(runId, () => api.confirmRun(runId));

/** Runs the person has called off; the server agrees at once, but the run's end comes later, by the stream. */
export const cancelling = signal<ReadonlySet<string>>(new Set());

const AGAIN_MS = 3_000;

/** Stays pressed until the run ends, unless the studio refuses. One that is away is asked again until it is back: nobody has to
 * sit there and press. */
export async function cancel(runId: string): Promise<void> {
  if (cancelling.value.has(runId)) return;
  cancelling.value = new Set([...cancelling.value, runId]);
  if (!(await press(runId, () => insisting(() => api.cancelRun(runId))))) {
    cancelling.value = new Set([...cancelling.value].filter((other) => other !== runId));
  }
}

async function insisting(act: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'unreachable')) throw error;
      await pause(AGAIN_MS);
    }
  }
}

/** Thumbs: pressing the same one again takes it back. Shown at once, put back if the server refuses. */
export async function rate(turnId: string, pressed: Exclude<Rating, null>): Promise<void> {
  const before = ratings.value[turnId] ?? null;
  const rating = before === pressed ? null : pressed;
  ratings.value = { ...ratings.value, [turnId]: rating };
  try {
    await api.rateTurn(turnId, rating);
  } catch (error) {
    ratings.value = { ...ratings.value, [turnId]: before };
    notify(faultOf(error));
  }
}

/** False when the press came to nothing, which was then said. */
async function press(id: string, act: () => Promise<unknown>): Promise<boolean> {
  if (busy.value.has(id)) return false;
  busy.value = new Set([...busy.value, id]);
  try {
    await act();
    return true;
  } catch (error) {
    // Someone was faster (another tab, or the run's own end): the stream shows how it stands.
    if (error instanceof Problem && error.status === 409) return true;
    notify(faultOf(error));
    return false;
  } finally {
    busy.value = new Set([...busy.value].filter((other) => other !== id));
  }
}
