import { computed, signal } from '@preact/signals';
import type { Fault } from '../../api/types';
import type { Attachment } from './attachments';

export const MAX_TEXT = 8000;

export interface ReplyTo {
  assetId: string;
  handle: string;
}

/** What the person is writing. */
export const text = signal('');
export const attachments = signal<Attachment[]>([]);
export const replyTo = signal<ReplyTo | null>(null);
/** Why the last message or file was not taken; the words themselves stay. */
export const fault = signal<Fault | null>(null);
/** Bumped when something outside wants the cursor in the text field. */
export const focusRequests = signal(0);

export const uploading = computed(() => attachments.value.some((file) => file.state === 'uploading'));
/** Sent with Enter while a file was still on its way: it leaves by itself when the file has arrived. */
export const sendWhenReady = signal(false);
export const tooLong = computed(() => text.value.length > MAX_TEXT);
export const canSend = computed(() => {
  const ready = attachments.value.filter((file) => file.state === 'ready').length;
  return !uploading.value && !tooLong.value && (text.value.trim() !== '' || ready > 0);
});

export function focusComposer(): void {
  focusRequests.value += 1;
}

export function prefill(words: string): void {
  text.value = words;
  focusComposer();
}

export function useInNext(assetId: string, handle: string): void {
  replyTo.value = { assetId, handle };
  focusComposer();
}
