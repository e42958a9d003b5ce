import type { Parameter, Port, SpellHead } from '../../api/types';
import { label } from '../../text/format';

/** What a slot of a form holds: a picture of the conversation, or one that was brought just now. */
export interface Filling {
  assetId: string;
  /** Null: it has no name yet, it comes with the message. */
  handle: string | null;
}

export type Values = Record<string, string>;
export type Fillings = Record<string, Filling | undefined>;
type Castable = Pick<SpellHead, 'title' | 'blanks' | 'ports'>;

/** What must still be said or brought, in words; empty: it can be cast. */
export function lacking(spell: Castable, values: Values, fillings: Fillings): string[] {
  const blanks = Object.entries(spell.blanks).filter(([name, spec]) => isAsked(spec) && !values[name]?.trim());
  const ports = Object.entries(spell.ports).filter(([name, port]) => needs(port) && !fillings[name]);
  return [...blanks, ...ports].map(([name]) => label(name));
}

const isAsked = (spec: Parameter): boolean => spec.required;
const needs = (port: Port): boolean => port.count[0] > 0;

/**
 * The sentence that casts it: what a person would say, so that it is a turn of the conversation like any other. Files
 * that come along are named by the handles that they are about to get, the first of which is `next`.
 */
export function sentence(spell: Castable, values: Values, fillings: Fillings, next: number): string {
  const said = Object.entries(values).filter(([name, value]) => name in spell.blanks && value.trim());
  const blanks = said.map(([name, value]) => `${name} = ${tidy(value)}`);
  let coming = next;
  const names = used(spell, fillings).map(({ handle }) => handle ?? `A${coming++}`);
  const on = names.length ? [`on ${names.join(' and ')}`] : [];
  const rest = [...blanks, ...on].join('; ');
  return `cast ${spell.title}${rest && blanks.length ? ': ' : rest ? ' ' : ''}${rest}`;
}

/** The fillings in the order of the ports. */
export const used = (spell: Castable, fillings: Fillings): Filling[] => Object.keys(spell.ports).flatMap((name) => fillings[name] ?? []);

/** The number that the next file of the conversation gets: handles are never used again. */
export const nextNumber = (handles: readonly string[]): number =>
  Math.max(0, ...handles.map((handle) => Number(/^A(\d+)$/.exec(handle)?.[1] ?? 0))) + 1;

/** A semicolon would end the blank. */
const tidy = (value: string): string => value.trim().replace(/\s*[;\n]+\s*/g, ', ');
