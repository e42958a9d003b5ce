import type { RecipeStep } from '../../api/types';
import { label, paramValue } from '../../text/format';
import { pieces } from './blanks';

/** The steps of a spell: texts with their blanks marked, and where each picture comes from. */
export function Recipe({ steps }: { steps: readonly RecipeStep[] }) {
  return (
    <ol class="recipe">
      {steps.map((step, index) => (
        <li key={step.id}>
          <p class="recipe-head"><span class="plan-number" aria-hidden="true">{index + 1}</span><b>{label(step.tool)}</b>{sources(step, steps).map((name) => <small key={name}>from {name}</small>)}</p>
          {texts(step).map(([name, text]) => <blockquote key={name}><Marked text={text} /></blockquote>)}
          <Values step={step} />
        </li>
      ))}
    </ol>
  );
}

/** A text whose blanks stand out. */
export function Marked({ text }: { text: string }) {
  return <>{pieces(text).map((piece, index) => (piece.blank ? <mark class="blank" key={index}>{label(piece.text)}</mark> : piece.text))}</>;
}

function Values({ step }: { step: RecipeStep }) {
  const rest = Object.entries(step.params).filter(([name]) => !WORDS.has(name));
  if (!rest.length) return null;
  return <p class="recipe-values">{rest.map(([name, value]) => <span key={name}><small>{label(name)}</small> {typeof value === 'string' ? <Marked text={value} /> : paramValue(value)}</span>)}</p>;
}

const WORDS = new Set(['prompt', 'negative', 'text', 'lyrics']);

/** The parameters of a step that are sentences. */
export const texts = (step: RecipeStep): [name: string, text: string][] =>
  Object.entries(step.params).flatMap(([name, value]) => (WORDS.has(name) && typeof value === 'string' && value ? [[name, value] as [string, string]] : []));

function sources(step: RecipeStep, steps: readonly RecipeStep[]): string[] {
  return Object.values(step.inputs).flat().map((name) => {
    if (name.startsWith('$')) return `your ${label(name.slice(1))}`;
    return `step ${steps.findIndex(({ id }) => id === name.split('.')[0]) + 1}`;
  });
}
