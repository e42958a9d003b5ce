import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { notify } from '../notices/toast';
import { closeLibrary, openLibrary, trail, type Place } from './places';

/** The library is a file of its own, fetched when it is first opened: whoever only chats never loads it. */
const panel = signal<ComponentType | null>(null);

async function fetchPanel(): Promise<void> {
  try {
    panel.value = (await import('./Library')).Library;
  } catch {
    closeLibrary();
    notify({ code: 'page_changed', message: 'This part of the page could not be loaded.', action: 'Reload the page.' });
  }
}

export function LibraryHost() {
  const wanted = trail.value.length > 0;
  const missing = wanted && panel.value === null;
  useEffect(() => {
    if (missing) void fetchPanel();
  }, [missing]);
  const Panel = panel.value;
  return wanted && Panel ? <Panel /> : null;
}

/** `/` opens the tools wherever nobody is typing; an address with `?spell=` or `?workflow=` opens what somebody shared. */
export function watchLibrary(): void {
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    event.preventDefault();
    openLibrary();
  });
  const given = sharedIn(location.search);
  if (given) openLibrary(given);
  // Looked at is looked at: the address is the conversation's again, and a reload does not open it once more.
  effect(() => {
    const looking = trail.value.some(({ view }) => view === 'shared' || view === 'sharedWorkflow');
    if (!looking && sharedIn(location.search)) history.replaceState(null, '', location.pathname);
  });
}

/** What an address gives to look at. */
function sharedIn(search: string): Place | null {
  const asked = new URLSearchParams(search);
  const [spell, workflow] = [asked.get('spell'), asked.get('workflow')];
  if (spell) return { view: 'shared', token: spell };
  return workflow ? { view: 'sharedWorkflow', token: workflow } : null;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
