import { signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf, Problem } from '../../api/problem';
import type { ConversationHead } from '../../api/types';
import { notify } from '../notices/toast';
import { conversationId, navigate, title } from '../stream/session';
import { marksAfter, type Marks } from './marks';

export const conversations = signal<ConversationHead[]>([]);
export const next = signal<string | null>(null);
/** What goes on in those that are not on the page. */
export const marks = signal<Marks>({});

/** Reads the newest page; `looked`: only to see what goes on, and the older ones stay. Somebody without an account yet simply has
 * no conversations. */
export async function refreshList(looked = false): Promise<void> {
  try {
    const page = await api.listConversations(null);
    const older = looked ? olderThan(page.items) : [];
    conversations.value = [...page.items, ...older];
    if (!older.length) next.value = page.next;
    marks.value = marksAfter(marks.value, conversations.value, conversationId.value);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** Those of the list that are not on its newest page. */
function olderThan(newest: readonly ConversationHead[]): ConversationHead[] {
  const known = new Set(newest.map(({ id }) => id));
  return conversations.value.filter(({ id }) => !known.has(id));
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
  marks.value = marksAfter(marks.value, conversations.value, conversationId.value);
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
