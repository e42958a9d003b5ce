import type { Plan, Step } from '../../api/types';
import { sizeOf } from '../plan/facts';
import type { ConversationView, OutputView, TurnView } from '../stream/view';

/** A place on the page where a picture is or will be; its shape is reserved before the picture comes. */
export interface Slot {
  key: string;
  stepId: string | null;
  output: OutputView | null;
  /** Width over height. */
  aspect: number;
}

type Assets = ConversationView['assets'];

const SQUARE = 1;

/** One slot for every picture the plan will deliver, filled in the order of arrival, and more if more arrive. */
export function slots(turn: TurnView, assets: Assets): Slot[] {
  const waiting = turn.outputs.slice();
  const expected = expectations(turn);
  const placed = expected.map(({ step, plan, key }) => {
    const at = waiting.findIndex((output) => output.stepId === step.id);
    const output = at < 0 ? null : waiting.splice(at, 1)[0]!;
    return slot(key, step.id, output, expectedAspect(step, plan, assets) ?? SQUARE);
  });
  return [...placed, ...waiting.map((output) => slot(output.handle, output.stepId, output, SQUARE))];
}

const slot = (key: string, stepId: string | null, output: OutputView | null, guess: number): Slot => ({
  key,
  stepId,
  output,
  aspect: (output && aspectOf(output.asset.width, output.asset.height)) ?? guess,
});

interface Expected {
  step: Step;
  plan: Plan;
  key: string;
}

function expectations({ plan }: TurnView): Expected[] {
  if (!plan) return [];
  const media = plan.steps.filter((step) => step.deliver);
  return media.flatMap((step) =>
    Array.from({ length: count(step) }, (_, index) => ({ step, plan, key: `${step.id}/${index}` })),
  );
}

/** How many pictures a step makes: its batch, bounded so that a strange number cannot flood the page. */
export function count(step: Step): number {
  const params = step.params ?? {};
  const found = params['batch_size'] ?? params['count'] ?? params['images'];
  return typeof found === 'number' && found >= 1 ? Math.min(16, Math.floor(found)) : 1;
}

/** The shape a step's picture will have: from its own parameters, else that of what goes in. Null: not known. */
export function expectedAspect(step: Step, plan: Plan, assets: Assets, depth = 0): number | null {
  const params = step.params ?? {};
  const own = sizeOf(params) ?? ratioOf(params['aspect'] ?? params['aspect_ratio'] ?? params['ratio']);
  if (own) return own[0] / own[1];
  if (depth > plan.steps.length) return null;
  const source = Object.values(step.inputs ?? {}).flat()[0];
  if (!source) return null;
  if ('asset_id' in source) return aspectOf(assets[source.asset_id]?.width, assets[source.asset_id]?.height);
  const earlier = plan.steps.find((candidate) => candidate.id === source.step_id);
  return earlier ? expectedAspect(earlier, plan, assets, depth + 1) : null;
}

/** The unfinished picture to show where this step's will be: its own, else the nearest one that it is made from. */
export function previewOf(stepId: string | null, plan: Plan | null, previews: Record<string, string>): string | null {
  const seen = new Set<string>();
  for (let near = [stepId ?? '']; near.length; near = near.flatMap((id) => before(id, plan)).filter((id) => !seen.has(id))) {
    const found = near.find((id) => previews[id]);
    if (found !== undefined) return previews[found]!;
    near.forEach((id) => seen.add(id));
  }
  return null;
}

/** The steps of this plan whose results go into a step. */
const before = (id: string, plan: Plan | null): string[] =>
  Object.values(plan?.steps.find((step) => step.id === id)?.inputs ?? {}).flat().flatMap((source) => ('step_id' in source && !('run_id' in source && source.run_id) ? [source.step_id] : []));

function ratioOf(value: unknown): [number, number] | null {
  if (value === 'square') return [1, 1];
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*[:/x]\s*(\d+(?:\.\d+)?)$/.exec(value) : null;
  return match && Number(match[2]) > 0 ? [Number(match[1]), Number(match[2])] : null;
}

const aspectOf = (width?: number | null, height?: number | null): number | null =>
  width && height ? width / height : null;
