import { signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf, Problem } from '../../api/problem';
import type { Rating } from '../../api/types';
import { notify } from '../notices/toast';
import { ratings } from '../stream/session';

/** Ids of turns and runs whose button was pressed and not yet answered. */
export const busy = signal<ReadonlySet<string>>(new Set());

export const retry = (turnId: string): Promise<void> => press(turnId, () => api.retryTurn(turnId));
export const cancel = (runId: string): Promise<void> => press(runId, () => api.cancelRun(runId));
export const confirm = (runId: string): Promise<void> => press(runId, () => api.confirmRun(runId));

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

async function press(id: string, act: () => Promise<unknown>): Promise<void> {
  if (busy.value.has(id)) return;
  busy.value = new Set([...busy.value, id]);
  try {
    await act();
  } catch (error) {
    // Someone was faster (another tab, or the run's own end): the stream shows how it stands.
    if (!(error instanceof Problem && error.status === 409)) notify(faultOf(error));
  } finally {
    busy.value = new Set([...busy.value].filter((other) => other !== id));
  }
}
