import { expect, it } from 'vitest';
import type { Plan, Step } from '../../api/types';
import { facts, promptOf, sources } from './facts';

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
