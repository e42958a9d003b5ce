import { effect } from '@preact/signals';
import { conversationId, madeHere } from '../stream/session';
import { text } from './draft';
import { outbox } from './outbox';

const at = (id: string | null): string => `draft:${id ?? 'new'}`;

/** Keeps the words in the box, and those that could not leave yet, through a reload; each conversation has its own. */
export function watchDraft(store: Storage = sessionStorage): () => void {
  let shown: string | null | undefined;
  return effect(() => {
    const id = conversationId.value;
    if (id !== shown) {
      // A conversation that began with the words on the empty page takes along what is being typed there.
      if (shown === null && id === madeHere.value) forget(store, null);
      else text.value = read(store, id);
      shown = id;
    }
    const waiting = outbox.value.filter((message) => message.typed && message.conversation === id && message.state !== 'sending');
    write(store, id, [...waiting.map((message) => message.text), text.value].filter((words) => words.trim()).join('\n'));
  });
}

// A browser may refuse to keep anything: then the words last as long as the page.
function read(store: Storage, id: string | null): string {
  try {
    return store.getItem(at(id)) ?? '';
  } catch {
    return '';
  }
}

function write(store: Storage, id: string | null, words: string): void {
  if (!words) return forget(store, id);
  try {
    store.setItem(at(id), words);
  } catch {
    return;
  }
}

function forget(store: Storage, id: string | null): void {
  try {
    store.removeItem(at(id));
  } catch {
    return;
  }
}
