import type { Parameter, RecipeStep } from '../../api/types';

export type Blanks = Record<string, Parameter>;

export interface Piece {
  blank: boolean;
  text: string;
}

const MARK = /\{\{|\}\}|\{([a-z][a-z0-9_]{0,31})\}/g;
const NAME_CHARS = 32;

/** A recipe's text in pieces: `{name}` is a blank, `{{` and `}}` are braces. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let plain = '';
  let from = 0;
  for (const mark of text.matchAll(MARK)) {
    plain += text.slice(from, mark.index);
    from = mark.index + mark[0].length;
    if (mark[1] === undefined) {
      plain += mark[0][0];
      continue;
    }
    if (plain) found.push({ blank: false, text: plain });
    plain = '';
    found.push({ blank: true, text: mark[1] });
  }
  plain += text.slice(from);
  if (plain) found.push({ blank: false, text: plain });
  return found;
}

/** The blanks of all texts of a recipe, in the order in which they stand there. */
export function blanksIn(steps: readonly RecipeStep[]): string[] {
  const texts = steps.flatMap((step) => Object.values(step.params)).filter((value) => typeof value === 'string');
  return [...new Set(texts.flatMap((text) => pieces(text).filter(({ blank }) => blank).map(({ text: name }) => name)))];
}

/** The text with a stretch of it left blank; null where there is nothing to leave blank, or a blank is cut through. */
export function leaveBlank(text: string, from: number, to: number, taken: readonly string[]): { text: string; name: string } | null {
  const picked = text.slice(from, to);
  const words = picked.trim();
  if (!words || /[{}]/.test(words)) return null;
  const name = nameFor(words, taken);
  const start = from + picked.indexOf(words);
  return { name, text: `${text.slice(0, start)}{${name}}${text.slice(start + words.length)}` };
}

/** A blank called after what stood there: the last word of "a red fox" is what it is. */
export function nameFor(words: string, taken: readonly string[]): string {
  const last = words.toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim().split(' ').at(-1) ?? '';
  const name = /^[a-z]/.test(last) ? last.slice(0, NAME_CHARS - 3) : 'blank';
  if (!taken.includes(name)) return name;
  for (let n = 2; ; n++) if (!taken.includes(`${name}_${n}`)) return `${name}_${n}`;
}

/** The blanks that the texts have: known ones as they are, new ones as words that must be said. */
export function settled(steps: readonly RecipeStep[], known: Blanks): Blanks {
  return Object.fromEntries(blanksIn(steps).map((name) => [name, known[name] ?? newBlank()]));
}

const newBlank = (): Parameter => ({
  type: 'string', description: '', default: null, minimum: null, maximum: null, step: null, choices: [], required: true, advanced: false,
});
