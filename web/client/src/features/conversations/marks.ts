import type { ConversationHead } from '../../api/types';

/** What goes on in a conversation that is not on the page; `ready`: its work was over since it was last looked at. */
export type Mark = 'working' | 'waiting' | 'ready';
export type Marks = Readonly<Record<string, Mark>>;

/** The marks after the list was read again. The conversation on the page speaks for itself. */
export function marksAfter(before: Marks, items: readonly Pick<ConversationHead, 'id' | 'activity'>[], here: string | null): Marks {
  const found = items.flatMap(({ id, activity }) => {
    const mark = activity ?? (before[id] === 'working' || before[id] === 'ready' ? 'ready' : null);
    return mark === null || id === here ? [] : [[id, mark] as const];
  });
  return Object.fromEntries(found);
}

export const WORDS: Record<Mark, string> = { working: 'At work', waiting: 'Waits for your yes', ready: 'Finished' };

/** What is worth knowing first of all of them. */
export function foremost(marks: Marks): Mark | null {
  const all = Object.values(marks);
  return (['waiting', 'ready', 'working'] as const).find((mark) => all.includes(mark)) ?? null;
}
