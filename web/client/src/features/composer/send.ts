import { effect, signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf } from '../../api/problem';
import type { Message } from '../../api/types';
import { conversationId, ensureConversation, gone, view } from '../stream/session';
import { release, type Attachment } from './attachments';
import { attachments, canSend, fault, replyTo, sendWhenReady, text, uploading, type ReplyTo } from './draft';

/** A message on its way: shown at once, replaced by its turn when the stream brings it. */
export interface Outgoing {
  text: string;
  files: Attachment[];
  replyTo: ReplyTo | null;
  /** Null until the conversation exists. */
  conversation: string | null;
  turnId: string | null;
  /** Turns there were when it left; a later one with the same words is this message. */
  after: number;
}

export const outgoing = signal<Outgoing | null>(null);

/** False as soon as the stream shows it, though its own answer may still be coming: what is on the page can be answered. */
const onItsWay = (): boolean => {
  const message = outgoing.value;
  return message !== null && message.turnId === null && !isShown(message, view.value.turns);
};

/** Lets go of the message when its turn is on the page, or the page went to another conversation. */
export function watchOutgoing(): void {
  effect(() => {
    const message = outgoing.value;
    if (!message?.turnId) return;
    if (message.conversation !== conversationId.value || isShown(message, view.value.turns)) outgoing.value = null;
  });
}

/** Sends what waited for its files. A file that was refused holds the message back: it was meant to go along. */
export function watchUploads(): void {
  effect(() => {
    if (!sendWhenReady.value || uploading.value) return;
    sendWhenReady.value = false;
    if (fault.value === null) void sendDraft();
  });
}

/** Sends what is in the composer. If it is refused, everything goes back into the composer with the reason. */
export async function sendDraft(): Promise<void> {
  if (uploading.value) sendWhenReady.value = true;
  if (!canSend.value || onItsWay()) return;
  sendWhenReady.value = false;
  const draft = compose(text.value.trim(), release(), replyTo.value);
  text.value = '';
  replyTo.value = null;
  if (!(await deliver(draft, messageOf(draft)))) restore(draft);
}

/** Sends words that came from a button; the composer keeps what is in it. */
export async function sendWords(words: string, extra: { choice?: string; replyTo?: ReplyTo; bring?: string[] } = {}): Promise<void> {
  if (onItsWay()) return;
  const draft = compose(words, [], extra.replyTo ?? null);
  await deliver(draft, { ...messageOf(draft), ...(extra.choice ? { choice: extra.choice } : {}), ...(extra.bring?.length ? { attachments: extra.bring } : {}) });
}

const compose = (words: string, files: Attachment[], reply: ReplyTo | null): Outgoing => ({
  text: words,
  files,
  replyTo: reply,
  conversation: gone.value ? null : conversationId.value,
  turnId: null,
  after: gone.value ? 0 : view.value.turns.length,
});

async function deliver(draft: Outgoing, message: Message): Promise<boolean> {
  fault.value = null;
  outgoing.value = draft;
  let mine: Outgoing | null = draft;
  // A later message may have left before this one's answer came: what is shown of that one stays.
  const become = (next: Outgoing | null): void => {
    if (outgoing.value === mine) outgoing.value = next;
    mine = next;
  };
  try {
    const conversation = await ensureConversation();
    become({ ...draft, conversation });
    const { turn_id } = await api.sendMessage(conversation, message);
    become({ ...draft, conversation, turnId: turn_id });
    return true;
  } catch (error) {
    become(null);
    fault.value = faultOf(error);
    return false;
  }
}

/** True once the stream has brought the message's own turn. */
export function isShown(message: Outgoing, turns: readonly { id: string; text: string }[]): boolean {
  if (message.turnId !== null) return turns.some((turn) => turn.id === message.turnId);
  return turns.slice(message.after).some((turn) => turn.text.trim() === message.text);
}

function messageOf(draft: Outgoing): Message {
  const ids = draft.files.flatMap((file) => (file.asset ? [file.asset.id] : []));
  return {
    text: draft.text,
    ...(ids.length ? { attachments: ids } : {}),
    ...(draft.replyTo ? { reply_to: draft.replyTo.assetId } : {}),
  };
}

function restore(draft: Outgoing): void {
  text.value = text.value.trim() ? `${draft.text}\n${text.value}` : draft.text;
  attachments.value = [...draft.files, ...attachments.value];
  replyTo.value ??= draft.replyTo;
}
