import type { TurnView } from '../stream/view';

const LONGEST = 48;

/** A name for what a turn made, from its own words: "a fox in the snow" -> "Fox in the snow". */
export function proposedName(turn: Pick<TurnView, 'intents' | 'plan' | 'text'>): string {
  const said = turn.intents.map(({ summary }) => summary).find(Boolean) || turn.plan?.summary || turn.text;
  const words = said.trim().replace(/^(?:an?|the) /i, '').replace(/[.!?\s]+$/, '');
  const short = words.length <= LONGEST ? words : words.slice(0, LONGEST).replace(/\s+\S*$/, '');
  return short.charAt(0).toUpperCase() + short.slice(1);
}
