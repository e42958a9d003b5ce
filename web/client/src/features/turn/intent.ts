import type { Intent } from '../../api/types';

export interface IntentLine {
  verb: string;
  summary: string;
}

const VERBS: Record<string, (on: string) => string> = {
  create: (on) => (on ? `Creating from ${on}` : 'Creating'),
  transform: (on) => (on ? `Editing ${on}` : 'Editing'),
  iterate: (on) => (on ? `Editing ${on}` : 'Editing'),
  chain: (on) => (on ? `Editing ${on}` : 'Editing'),
  discover: () => 'Looking at what is possible',
  query: () => 'Answering',
};

/** How the page says what was understood; null for plain talk and for verbs like cancel, whose
 * reply says what was done. */
export function intentLine(intents: readonly Intent[]): IntentLine | null {
  const shown = intents.filter((intent) => VERBS[intent.kind]);
  const first = shown[0];
  if (!first) return null;
  const verb = VERBS[first.kind]!(list(first.on ?? []));
  const media = shown.filter((intent) => !['discover', 'query', 'control'].includes(intent.kind));
  return { verb, summary: media.map((intent) => tidy(intent.summary)).filter(Boolean).join(', then ') };
}

export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

const tidy = (summary: string | null | undefined): string => (summary ?? '').trim().replace(/[.\s]+$/, '');
