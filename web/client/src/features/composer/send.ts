import { effect } from '@preact/signals';
import type { Fault, Message } from '../../api/types';
import { conversationId, gone } from '../stream/session';
import { release, type Attachment } from './attachments';
import { attachments, canSend, fault, replyTo, sendWhenReady, text, uploading, type ReplyTo } from './draft';
import { newKey, outbox, post, watchOutbox, type Outgoing } from './outbox';

export const watchOutgoing = (): (() => void) => watchOutbox(restore);

/** Sends what waited for its files. A file that was refused holds the message back: it was meant to go along. */
export function watchUploads(): void {
  effect(() => {
    if (!sendWhenReady.value || uploading.value) return;
    sendWhenReady.value = false;
    if (fault.value === null) sendDraft();
  });
}

/** Sends what is in the composer, after what was said before. If it is refused, it comes back with the reason. */
export function sendDraft(): void {
  if (uploading.value) sendWhenReady.value = true;
  if (!canSend.value) return;
  sendWhenReady.value = false;
  fault.value = null;
  const files = release();
  const draft = compose(text.value.trim(), files, replyTo.value, bring(files), true);
  text.value = '';
  replyTo.value = null;
  post(draft);
}

/** Sends words that came from a button; the composer keeps what is in it. A second press of it is none. */
export function sendWords(words: string, extra: { choice?: string; replyTo?: ReplyTo; bring?: string[] } = {}): void {
  if (outbox.value.some((message) => message.turnId === null && message.text === words)) return;
  fault.value = null;
  const more = { ...(extra.choice ? { choice: extra.choice } : {}), ...(extra.bring?.length ? { attachments: extra.bring } : {}) };
  post(compose(words, [], extra.replyTo ?? null, more, false));
}

const compose = (words: string, files: Attachment[], reply: ReplyTo | null, more: Partial<Message>, typed: boolean): Outgoing => ({
  key: newKey(),
  text: words,
  files,
  replyTo: reply,
  message: { text: words, ...(reply ? { reply_to: reply.assetId } : {}), ...more },
  typed,
  conversation: gone.value ? null : conversationId.value,
  turnId: null,
  after: 0,
  state: 'queued',
});

function bring(files: Attachment[]): Partial<Message> {
  const ids = files.flatMap((file) => (file.asset ? [file.asset.id] : []));
  return ids.length ? { attachments: ids } : {};
}

/** Before what has been typed meanwhile, in the order in which it was said. */
function restore(messages: Outgoing[], why: Fault): void {
  fault.value = why;
  const typed = messages.filter((message) => message.typed);
  text.value = [...typed.map((message) => message.text), text.value].filter((words) => words.trim()).join('\n');
  attachments.value = [...typed.flatMap((message) => message.files), ...attachments.value];
  replyTo.value ??= typed[0]?.replyTo ?? null;
}
