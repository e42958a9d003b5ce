import { signal } from '@preact/signals';
import type { StreamEvent } from '../../api/types';
import { announcement } from './announce';
import type { ConversationView } from './view';

/** The sentence in the page's polite live region. */
export const spoken = signal('');

const NAME = 'StationThis';

/** News (never history): speak it, and mark the tab when it is in the background. */
export function hear(event: StreamEvent, view: ConversationView): void {
  if (typeof event.id === 'number' && event.id <= view.cursor) return;
  const turn = view.turns.find((known) => known.id === event.turn_id) ?? null;
  const sentence = announcement(event, turn);
  if (sentence) say(sentence);
  if (event.type === 'run.output') flag(`${event.handle} is ready`);
  if (event.type === 'run.failed') flag('Something failed');
  if (event.type === 'clarification') flag('A question for you');
  const far = howFar(event);
  if (far) flag(far, '');
}

/** How far a run is, for a tab that is read by its title alone. */
export function howFar(event: StreamEvent): string | null {
  if (event.type === 'run.progress') return `${Math.round(100 * event.fraction)} %`;
  return event.type === 'run.queued' && event.place && event.place > 1 ? `Place ${event.place} in the queue` : null;
}

/** A repeated sentence is spoken again: an invisible space makes it a change. */
export function say(sentence: string): void {
  spoken.value = spoken.value === sentence ? `${sentence}\u00a0` : sentence;
}

function flag(news: string, mark = '● '): void {
  if (document.visibilityState === 'hidden') document.title = `${mark}${news} – ${NAME}`;
}

export function watchTab(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') document.title = NAME;
  });
}
