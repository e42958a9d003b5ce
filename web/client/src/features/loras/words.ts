import type { Lora } from '../../api/types';

/** The tag that loads it, whatever else the prompt says. */
export const called = ({ name, weight }: Pick<Lora, 'name' | 'weight'>): string => `<lora:${name}:${Number.isInteger(weight) ? weight.toFixed(1) : weight}>`;

/** True where every word stands in its title, name, base or triggers. */
export function fits(lora: Pick<Lora, 'title' | 'name' | 'base' | 'triggers'>, words: string): boolean {
  const told = [lora.title, lora.name, lora.base, ...lora.triggers].join(' ').toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => told.includes(word));
}

export interface PromptPiece {
  lora: boolean;
  text: string;
}

const TAG = /<lora:([^:<>]+)(?::(-?[\d.]+))?>/g;

/** A prompt in pieces: tags apart from the words around them. */
export function promptPieces(prompt: string): PromptPiece[] {
  const found: PromptPiece[] = [];
  let from = 0;
  for (const tag of prompt.matchAll(TAG)) {
    if (tag.index > from) found.push({ lora: false, text: prompt.slice(from, tag.index) });
    found.push({ lora: true, text: tag[2] ? `${tag[1]} ${tag[2]}` : tag[1]! });
    from = tag.index + tag[0].length;
  }
  if (from < prompt.length) found.push({ lora: false, text: prompt.slice(from) });
  return found;
}

/** "disney style, big eyes" -> its trigger words. */
export const triggersOf = (said: string): string[] => [...new Set(said.split(',').map((word) => word.trim()).filter(Boolean))].slice(0, 12);

/** One's own first, then those that words call; what only speeds a model up comes last. */
export const ordered = <T extends Pick<Lora, 'own' | 'triggers'>>(loras: readonly T[]): T[] => {
  const rank = (lora: T) => (lora.own ? 0 : lora.triggers.length ? 1 : 2);
  return [...loras].sort((a, b) => rank(a) - rank(b));
};
