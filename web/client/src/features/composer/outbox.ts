import { effect, signal, untracked } from '@preact/signals';
import * as api from '../../api/client';
import { uuid } from '../../api/ids';
import { faultOf, Problem } from '../../api/problem';
import type { Fault, Message } from '../../api/types';
import { conversationId, ensureConversation, link, view } from '../stream/session';
import type { Attachment } from './attachments';
import type { ReplyTo } from './draft';

/** A message on its way: shown at once, replaced by its turn when the stream brings it. */
export interface Outgoing {
  /** Also its Idempotency-Key: however often it is sent, it is said once. */
  key: string;
  text: string;
  files: Attachment[];
  replyTo: ReplyTo | null;
  message: Message;
  /** Typed, and so given back to the composer when it is refused; words of a button are not. */
  typed: boolean;
  /** Null until the conversation exists. */
  conversation: string | null;
  turnId: string | null;
  /** Turns there were when it left; a later one with the same words is this message. */
  after: number;
  /** `kept`: the studio was away, it leaves when it is back. */
  state: 'queued' | 'sending' | 'kept';
}

/** In the order in which they were said, and so they leave: one by one. */
export const outbox = signal<readonly Outgoing[]>([]);

const AGAIN_MS = 3_000;

/** Where what was refused goes, with the reason. */
type Refused = (messages: Outgoing[], fault: Fault) => void;
let refused: Refused = () => undefined;

/** Sends what is in the box, now and whenever the way is free. */
export function watchOutbox(giveBack: Refused): () => void {
  refused = giveBack;
  const stopSending = effect(() => {
    const left = outbox.value.filter((message) => !isOver(message));
    if (left.length !== outbox.value.length) outbox.value = left;
    pump();
  });
  const stopWaiting = effect(() => {
    if (link.value === 'live') wake();
  });
  addEventListener('online', wake);
  return () => {
    stopSending();
    stopWaiting();
    removeEventListener('online', wake);
  };
}

export function post(message: Outgoing): void {
  outbox.value = [...outbox.value, message];
}

/** True once the stream has brought the message's own turn. */
export function isShown(message: Outgoing, turns: readonly { id: string; text: string }[]): boolean {
  if (message.turnId !== null) return turns.some((turn) => turn.id === message.turnId);
  return message.state === 'sending' && turns.slice(message.after).some((turn) => turn.text.trim() === message.text);
}

const isHere = (message: Outgoing): boolean => message.conversation === conversationId.value;

/** What the page shows below the turns: said here, and no turn yet. */
export const pendingHere = (): Outgoing[] => outbox.value.filter((message) => isHere(message) && !isShown(message, view.value.turns));

/** Its turn is on the page, or the page went to another conversation: nothing of it is left to show. */
const isOver = (message: Outgoing): boolean => message.turnId !== null && (!isHere(message) || isShown(message, view.value.turns));

/** What is on the page already has arrived, though its own answer may still be coming: the next one may leave. */
const onItsWay = (message: Outgoing): boolean =>
  message.state === 'sending' && message.turnId === null && !(isHere(message) && isShown(message, view.value.turns));

function pump(): void {
  if (outbox.value.some((message) => onItsWay(message) || message.state === 'kept')) return;
  const next = outbox.value.find((message) => message.state === 'queued');
  if (next) untracked(() => void deliver(next));
}

async function deliver(message: Outgoing): Promise<void> {
  const { key } = message;
  change(key, { state: 'sending', after: isHere(message) ? view.value.turns.length : 0 });
  try {
    const conversation = message.conversation ?? (await ensureConversation());
    settle(conversation);
    const { turn_id } = await api.sendMessage(conversation, message.message, key);
    change(key, { turnId: turn_id });
  } catch (error) {
    if (isPassing(error)) keep(key);
    else giveBack(key, faultOf(error));
  }
}

/** Where nobody answers, somebody will later; a refusal is an answer. */
const isPassing = (error: unknown): boolean => error instanceof Problem && [0, 502, 503, 504].includes(error.status);

/** What was said before there was a conversation belongs to the one that was made for it. */
function settle(conversation: string): void {
  outbox.value = outbox.value.map((message) => ({ ...message, conversation: message.conversation ?? conversation }));
}

function keep(key: string): void {
  change(key, { state: 'kept' });
  setTimeout(wake, AGAIN_MS);
}

function wake(): void {
  if (outbox.peek().some((message) => message.state === 'kept')) {
    outbox.value = outbox.peek().map((message) => (message.state === 'kept' ? { ...message, state: 'queued' } : message));
  }
}

/** What was said after it may rest on it, so it is given back as well. */
function giveBack(key: string, fault: Fault): void {
  const back = outbox.value.filter((message) => message.key === key || message.state !== 'sending');
  outbox.value = outbox.value.filter((message) => !back.includes(message));
  refused(back, fault);
}

function change(key: string, what: Partial<Outgoing>): void {
  outbox.value = outbox.value.map((message) => (message.key === key ? { ...message, ...what } : message));
}

export const newKey = uuid;
