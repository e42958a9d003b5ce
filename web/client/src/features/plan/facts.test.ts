import { expect, it } from 'vitest';
import type { Plan, Step } from '../../api/types';
import { newRun, type RunView } from '../stream/view';
import { facts, price, promptOf, sources, warningsOf } from './facts';

const step = (params: Record<string, unknown>): Step => ({ id: 's1', tool: 't', title: 'T', params, inputs: {}, outputs: {}, version_of: null, deliver: true, fresh: false, seconds: null, size: null });

it('shows size, model and strengths; keeps prompt and seed for the details', () => {
  const params = { prompt: 'a city', seed: 1, width: 1024, height: 768, count: 1, steps: 24, checkpoint: 'sd/juggernaut.safetensors' };
  expect(facts(step(params))).toEqual(['1024 × 768', 'steps 24', 'juggernaut']);
  expect(promptOf(step(params))).toBe('a city');
});

it('says switches and factors in words', () => {
  expect(facts(step({ scale: 2, black_and_white: true, crop: false, sizes: [1] }))).toEqual(['2×', 'black and white', 'no crop']);
});

it('names where pictures come from, once each', () => {
  const second = { ...step({}), id: 's2', inputs: { a: [{ step_id: 's1', port: 'image', run_id: null, handle: null, index: null }, { asset_id: 'x', handle: 'A1' }], b: [{ asset_id: 'x', handle: 'A1' }] } };
  const plan = { steps: [step({}), second] } as unknown as Plan;
  expect(sources(second, plan)).toEqual(['step 1', 'A1']);
});

const priced: Plan = { id: 'p', summary: '', steps: [step({})], estimate: { credits: [0.2, 0.5], seconds: [3, 10] }, warnings: [] };
const run = (fields: Partial<RunView>): RunView => ({ ...newRun('r'), ...fields });

it('tells what it may take until it is over, then what it took, and nothing of what never was', () => {
  expect([null, run({}), run({ phase: 'running' })].map((one) => price(priced, one))).toEqual(Array(3).fill('0.2 – 0.5 credits · 3 – 10 s'));
  const done = (credits: number, gpu_s: number) => price(priced, run({ phase: 'completed', cost: { credits, gpu_s } }));
  expect([done(0.36, 17.6), done(0.01, 0.4), done(1, 90), done(0, 0)]).toEqual(['0.4 credits · took 18 s', 'under 0.1 credits · took under 1 s', '1 credit · took 1 min 30 s', 'free']);
  expect(price(priced, run({ phase: 'completed', cost: { credits: 0, gpu_s: 0 }, cached: ['s1'] }))).toBe('');
  expect([run({ phase: 'cancelled' }), run({ phase: 'failed' })].map((one) => price(priced, one))).toEqual(['', '']);
});

it('warns once: not of what the reply has said, nor of a server that is back', () => {
  const plan = { ...priced, warnings: [{ code: 'server_away', message: 'It is away.' }, { code: 'lanczos', message: 'No detail.' }] };
  const codes = (one: RunView | null, reply = '') => warningsOf(plan, one, reply).map(({ code }) => code);
  expect(codes(null)).toEqual(['server_away', 'lanczos']);
  expect(codes(run({ phase: 'queued' }), 'Larger. No detail.')).toEqual(['server_away']);
  expect(codes(run({ phase: 'running' }))).toEqual(['lanczos']);
});
