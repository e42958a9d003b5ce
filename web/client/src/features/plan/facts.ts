import type { Plan, Source, Step } from '../../api/types';
import { credits, duration, estimate, label, paramValue } from '../../text/format';
import { runEnded, type RunView } from '../stream/view';

/** Never on the face of a plan: shown in its details only. */
const QUIET = new Set(['seed', 'prompt', 'negative_prompt', 'negative', 'text', 'width', 'height', 'sampler', 'scheduler', 'filename_prefix']);
const MOST = 4;
const FILE = /\.(safetensors|ckpt|pth?|gguf|sft|bin)$/i;

/** The handful of parameters a person judges a step by: size, strengths, the model file. */
export function facts(step: Step): string[] {
  const params = step.params ?? {};
  const size = sizeOf(params);
  const rest = Object.entries(params).filter(([name, value]) => !QUIET.has(name) && isShort(value) && value !== '' && !isOne(name, value));
  return [...(size ? [`${size[0]} × ${size[1]}`] : []), ...rest.map(([name, value]) => fact(name, value))].slice(0, MOST);
}

function fact(name: string, value: unknown): string {
  if (typeof value === 'string' && FILE.test(value)) return value.split(/[\\/]/).pop()!.replace(FILE, '');
  if (/^(scale|factor|scale_by)$/.test(name) && typeof value === 'number') return `${paramValue(value)}×`;
  if (typeof value === 'boolean') return value ? label(name) : `no ${label(name)}`;
  return `${label(name)} ${paramValue(value)}`;
}

const isOne = (name: string, value: unknown): boolean => /^(count|batch_size|images)$/.test(name) && value === 1;

const isShort = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= 48);

/** The words a step works from, if it has any. */
export function promptOf(step: Step): string | null {
  const params = step.params ?? {};
  const found = params['prompt'] ?? params['instruction'] ?? params['text'];
  return typeof found === 'string' && found.trim() ? found.trim() : null;
}

/** Where a step's pictures come from, as words: ["A1", "step 1"]. */
export function sources(step: Step, plan: Plan): string[] {
  const names = Object.values(step.inputs ?? {}).flat().map((source) => sourceName(source, plan));
  return [...new Set(names)];
}

export function sourceName(source: Source, plan: Plan): string {
  if (source.handle) return source.handle;
  if ('asset_id' in source) return 'a picture';
  const index = plan.steps.findIndex((step) => step.id === source.step_id);
  return index < 0 ? 'the step before' : `step ${index + 1}`;
}

export function sizeOf(params: Record<string, unknown>): [number, number] | null {
  const { width, height } = params;
  return typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0 ? [width, height] : null;
}

/** What it takes as far as is known by then: the estimate, and once it is over what it took. Empty: nothing is left to say. */
export function price(plan: Plan, run: RunView | null): string {
  if (run?.phase === 'completed' && run.cost) return run.cached.length === plan.steps.length ? '' : took(run.cost);
  return plan.estimate && !(run && runEnded(run)) ? estimate(plan.estimate) : '';
}

const took = ({ credits: paid, gpu_s }: { credits: number; gpu_s: number }): string =>
  [paid > 0 && paid < 0.05 ? 'under 0.1 credits' : credits([paid, paid]), gpu_s > 0 ? `took ${duration(gpu_s)}` : ''].filter(Boolean).join(' · ');

/** Warnings that still hold and that the reply has not said already. */
export function warningsOf(plan: Plan, run: RunView | null, reply: string): Plan['warnings'] {
  const over = run !== null && (runEnded(run) || run.phase === 'running');
  return (plan.warnings ?? []).filter(({ code, message }) => !reply.includes(message) && !(over && code === 'server_away'));
}
