import { signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf, Problem } from '../../api/problem';
import type { ConversationHead } from '../../api/types';
import { notify } from '../notices/toast';
import { conversationId, navigate, title } from '../stream/session';

export const conversations = signal<ConversationHead[]>([]);
export const next = signal<string | null>(null);

/** Reads the newest page. Somebody without an account yet simply has no conversations. */
export async function refreshList(): Promise<void> {
  try {
    const page = await api.listConversations(null);
    conversations.value = page.items;
    next.value = page.next;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

export async function loadMore(): Promise<void> {
  if (next.value === null) return;
  try {
    const page = await api.listConversations(next.value);
    const known = new Set(conversations.value.map(({ id }) => id));
    conversations.value = [...conversations.value, ...page.items.filter(({ id }) => !known.has(id))];
    next.value = page.next;
  } catch (error) {
    notify(faultOf(error));
  }
}

/** Pinned ones first, otherwise in the server's order. */
export const sorted = (items: readonly ConversationHead[]): ConversationHead[] => [
  ...items.filter((item) => item.pinned),
  ...items.filter((item) => !item.pinned),
];

export const nameOf = (conversation: ConversationHead): string =>
  conversation.title?.trim() || 'New conversation';

export async function rename(id: string, words: string): Promise<void> {
  const name = words.trim();
  if (!name) return;
  if (await change(id, { title: name }) && conversationId.value === id) title.value = name;
}

export const pin = (id: string, pinned: boolean): Promise<boolean> => change(id, { pinned });

export async function remove(id: string): Promise<void> {
  try {
    await api.deleteConversation(id);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) return notify(faultOf(error));
  }
  conversations.value = conversations.value.filter((item) => item.id !== id);
  if (conversationId.value === id) navigate(null);
}

/** Shown at once, put back if the server refuses. */
async function change(id: string, what: { title?: string; pinned?: boolean }): Promise<boolean> {
  const before = conversations.value;
  conversations.value = before.map((item) => (item.id === id ? { ...item, ...what } : item));
  try {
    await api.changeConversation(id, what);
    return true;
  } catch (error) {
    conversations.value = before;
    notify(faultOf(error));
    return false;
  }
}
