import { signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf } from '../../api/problem';
import { notify } from '../notices/toast';
import { hide, unhide } from '../stream/removed';

/** How long a deletion that was confirmed can still be taken back. Only then is the studio told. */
export const UNDO_MS = 6000;

/** Result that is about to be deleted -> what sends it. */
export const leaving = signal<ReadonlyMap<string, ReturnType<typeof setTimeout>>>(new Map());

export function remove(id: string): void {
  if (leaving.value.has(id)) return;
  hide(id);
  leaving.value = new Map([...leaving.value, [id, setTimeout(() => void send(id), UNDO_MS)]]);
}

export function undo(id: string): void {
  if (!drop(id)) return;
  unhide(id);
}

/** What was confirmed is done even when the page is left before; the browser finishes it. */
export const watchRemoving = (): void => addEventListener('pagehide', sendAll);

export function sendAll(): void {
  for (const id of leaving.value.keys()) void send(id);
}

async function send(id: string): Promise<void> {
  if (!drop(id)) return;
  try {
    await api.deleteAsset(id);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.code.endsWith('not_found')) return; // gone already, from another page
    unhide(id);
    notify(fault);
  }
}

/** Whether it was still to be sent. */
function drop(id: string): boolean {
  const timer = leaving.value.get(id);
  if (timer === undefined) return false;
  clearTimeout(timer);
  leaving.value = new Map([...leaving.value].filter(([other]) => other !== id));
  return true;
}
