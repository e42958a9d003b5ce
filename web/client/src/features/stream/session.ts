import { batch, computed, signal } from '@preact/signals';
import * as api from '../../api/client';
import { faultOf } from '../../api/problem';
import type { Conversation, Fault, Rating, StreamEvent } from '../../api/types';
import { Connection, type Link } from './connection';
import { keptIn, lost, type Kept } from './kept';
import { removed } from './removed';
import { hear } from './live';
import { isGap, reduce } from './reducer';
import { emptyView, turnWorking } from './view';

/** The conversation on the page. Everything here is rebuilt from the server after a reload. */
export const conversationId = signal<string | null>(null);
/** The one that was made on this page for its first message. */
export const madeHere = signal<string | null>(null);
export const title = signal<string | null>(null);
export const view = signal(emptyView());
export const link = signal<Link>('connecting');
export const loadFault = signal<Fault | null>(null);
/** The conversation of the address was deleted, or never was ours. */
export const gone = computed(() => loadFault.value !== null && isMissing(loadFault.value));
/** What the person said of each turn; the one thing the event stream does not carry. */
export const ratings = signal<Record<string, Rating>>({});
/** Per finished turn, the results that are still there: the stream tells what came out, and what was deleted since is in no event. */
const kept = signal<Kept>({});
export const isDeleted = (turnId: string, assetId: string): boolean => removed.value.has(assetId) || lost(kept.value, turnId, assetId);
/** The number the stream had reached when we opened it; older events are history, not news. */
const target = signal<number | null>(null);
export const caughtUp = computed(() => conversationId.value === null || (target.value !== null && view.value.cursor >= target.value));
/** Named pictures by asset id; the same object as long as none was added, so that nothing redraws for progress. */
export const assets = computed(() => view.value.assets);
export const lastTurn = computed(() => view.value.turns.at(-1) ?? null);

let connection: Connection | null = null;

/** Shows a conversation (null: the empty page, which makes nothing on the server). */
export function open(id: string | null): void {
  connection?.close();
  connection = null;
  batch(() => {
    conversationId.value = id;
    title.value = null;
    view.value = emptyView();
    link.value = 'connecting';
    loadFault.value = null;
    ratings.value = {};
    kept.value = {};
    target.value = null;
  });
  if (id === null) return;
  connect(id);
  void load(id);
}

/** The conversation to write into, made now if this is its first message or the one on the page is gone. */
export async function ensureConversation(): Promise<string> {
  if (gone.value) {
    history.replaceState(null, '', addressOf(null));
    open(null);
  }
  if (conversationId.value !== null) return conversationId.value;
  const made = await api.createConversation();
  if (conversationId.value !== null) return conversationId.value;
  history.pushState(null, '', addressOf(made.id));
  batch(() => {
    madeHere.value = made.id;
    conversationId.value = made.id;
    title.value = made.title;
    target.value = made.last_event_id ?? 0;
  });
  connect(made.id);
  return made.id;
}

export function navigate(id: string | null): void {
  if (id === conversationId.value) return;
  history.pushState(null, '', addressOf(id));
  open(id);
}

export const addressOf = (id: string | null): string =>
  id === null ? location.pathname : `${location.pathname}?c=${encodeURIComponent(id)}`;

export function followAddress(): void {
  const read = () => new URLSearchParams(location.search).get('c');
  open(read());
  addEventListener('popstate', () => open(read()));
}

/** Reads title and ratings again: the server names a conversation after its first turn. */
export async function refreshMeta(): Promise<void> {
  const id = conversationId.value;
  if (id === null) return;
  const found = await api.getConversation(id).catch(() => null);
  if (found && conversationId.value === id) take(found);
}

export function reconnectNow(): void {
  connection?.nudge();
}

function isMissing({ code }: Fault): boolean {
  return code === 'no_account' || code === 'http_404' || code.endsWith('not_found');
}

async function load(id: string): Promise<void> {
  try {
    const found = await api.getConversation(id);
    if (conversationId.value !== id) return;
    take(found);
    target.value = found.last_event_id ?? 0;
  } catch (error) {
    const fault = faultOf(error);
    if (conversationId.value === id && fault.code !== 'unreachable') loadFault.value = fault;
    else target.value ??= 0;
  }
}

function take(found: Conversation): void {
  batch(() => {
    title.value = found.title;
    kept.value = keptIn(found);
    ratings.value = { ...Object.fromEntries((found.turns ?? []).map((turn) => [turn.id, turn.feedback])), ...ratings.value };
  });
}

function connect(id: string): void {
  connection = new Connection(id, {
    cursor: () => view.value.cursor,
    onEvents: (events) => conversationId.value !== id || receive(events),
    onLink: (state) => {
      if (conversationId.value === id) link.value = state;
    },
    working: () => conversationId.value === id && view.value.turns.some(turnWorking),
    onGone: (problem) => {
      if (conversationId.value === id) loadFault.value = problem.fault;
    },
  });
}

/** Folds a batch in one go; false asks for a reconnect because a number is missing. */
function receive(events: StreamEvent[]): boolean {
  const fresh = caughtUp.value;
  let next = view.value;
  let whole = true;
  for (const event of events) {
    if (isGap(next, event)) {
      whole = false;
      break;
    }
    if (fresh) hear(event, next);
    next = reduce(next, event);
  }
  view.value = next;
  if (fresh && events.some((event) => event.type === 'turn.completed')) void refreshMeta();
  return whole;
}
