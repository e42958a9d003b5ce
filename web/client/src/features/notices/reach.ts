import { effect } from '@preact/signals';
import { getInfo } from '../../api/client';
import { onReached } from '../../api/http';
import type { Fault } from '../../api/types';
import { fault } from '../composer/draft';
import { link } from '../stream/session';
import { dismiss, toast } from './toast';

const ASK_AGAIN_MS = 4_000;

/** "Cannot be reached" is said only for as long as it is true. */
export function watchReach(): void {
  onReached(withdraw);
  effect(() => {
    if (link.value === 'live') withdraw();
  });
  effect(askWhileAway);
}

export const isAway = (shown: Fault | null): boolean => shown?.code === 'unreachable';

/** The empty page has no stream that would notice the studio's return. */
function askWhileAway(): (() => void) | void {
  if (!isAway(fault.value)) return;
  const timer = setInterval(() => void getInfo().catch(() => null), ASK_AGAIN_MS);
  return () => clearInterval(timer);
}

function withdraw(): void {
  if (isAway(fault.peek())) fault.value = null;
  if (isAway(toast.peek())) dismiss();
}
