import { describe, expect, it } from 'vitest';
import type { Asset, Plan, Step } from '../../api/types';
import type { TurnView } from '../stream/view';
import { parentsOf } from './lineage';
import { count, expectedAspect, previewOf, slots } from './slots';

const step = (fields: Partial<Step>): Step => ({ id: 's1', tool: 't', title: 'T', params: {}, inputs: {}, outputs: {}, version_of: null, deliver: true, fresh: false, seconds: null, size: null, ...fields });
const plan = (...steps: Step[]): Plan => ({ id: 'p', summary: '', steps, estimate: { credits: [0, 0], seconds: [0, 0] }, warnings: [] });
const turn = (fields: Partial<TurnView>) => ({ outputs: [], plan: null, ...fields }) as TurnView;
const output = (handle: string, stepId: string, width = 100, height = 50) => ({ handle, stepId, unfinished: false, asset: { id: handle, width, height } as Asset });
const known = { a: { handle: 'A1', turnId: 't', width: 300, height: 200 } };
const fromA = { image: [{ asset_id: 'a', handle: 'A1' }] };

describe('the shape that is kept for a picture', () => {
  it('is the size that was asked for', () => {
    const one = step({ params: { width: 1216, height: 832 } });
    expect(expectedAspect(one, plan(one), {})).toBeCloseTo(1216 / 832);
  });

  it('else is the shape of what goes in, through the steps before', () => {
    const first = step({ inputs: fromA, deliver: false });
    const second = step({ id: 's2', inputs: { image: [{ step_id: 's1', port: 'image', run_id: null, handle: null, index: null }] } });
    expect(expectedAspect(second, plan(first, second), known)).toBeCloseTo(1.5);
  });

  it('else is a crop by name, or unknown', () => {
    const crop = step({ params: { aspect: '16:9' }, inputs: fromA });
    expect(expectedAspect(crop, plan(crop), known)).toBeCloseTo(16 / 9);
    expect(expectedAspect(step({}), plan(step({})), {})).toBeNull();
  });

  it('does not loop on a plan that refers to itself', () => {
    const odd = step({ inputs: { image: [{ step_id: 's1', port: 'image', run_id: null, handle: null, index: null }] } });
    expect(expectedAspect(odd, plan(odd), {})).toBeNull();
  });
});

describe('places for pictures', () => {
  it('are kept for every picture of a batch, and filled in order', () => {
    const batch = step({ params: { batch_size: 4, width: 100, height: 100 } });
    const places = slots(turn({ plan: plan(batch), outputs: [output('A1', 's1'), output('A2', 's1')] }), {});
    expect(places.map((place) => place.output?.handle ?? null)).toEqual(['A1', 'A2', null, null]);
    expect(places.map((place) => place.aspect)).toEqual([2, 2, 1, 1]);
  });

  it('are added when more comes than was planned', () => {
    const places = slots(turn({ plan: plan(step({})), outputs: [output('A1', 's1'), output('A2', 's1'), output('A3', 's9')] }), {});
    expect(places.map((place) => place.output?.handle)).toEqual(['A1', 'A2', 'A3']);
  });

  it('do not flood the page', () => {
    expect(count(step({ params: { batch_size: 100_000 } }))).toBe(16);
    expect(count(step({ params: { batch_size: 'many' } }))).toBe(1);
  });
});

it('a result of several steps names the picture the first step began with', () => {
  const steps = plan(step({ inputs: fromA, deliver: false }), step({ id: 's2' }));
  const result = { id: 'r', parents: [{ asset_id: 'inner', port: 'image' }] } as Asset;
  expect(parentsOf(result, steps, known)).toEqual([{ assetId: 'a', handle: 'A1' }]);
  expect(parentsOf({ ...result, parents: [{ asset_id: 'a', port: 'image' }] }, null, known)).toEqual([{ assetId: 'a', handle: 'A1' }]);
});

describe('the unfinished picture in a place', () => {
  const from = (id: string) => ({ image: [{ step_id: id, port: 'image', run_id: null, handle: null, index: null }] });
  const chain = plan(step({ id: 's1' }), step({ id: 's2', inputs: from('s1') }), step({ id: 's3', inputs: from('s2') }));

  it('is its own step\'s, else that of the nearest step it is made from', () => {
    expect(previewOf('s3', chain, { s1: 'one', s3: 'three' })).toBe('three');
    expect(previewOf('s3', chain, { s1: 'one', s2: 'two' })).toBe('two');
    expect(previewOf('s3', chain, { s1: 'one' })).toBe('one');
  });

  it('is never that of a step that comes later, of another run, or of a plan that goes round', () => {
    expect(previewOf('s1', chain, { s2: 'two' })).toBeNull();
    const other = plan(step({ inputs: { image: [{ step_id: 's2', port: 'image', run_id: 'earlier', handle: null, index: null }] } }));
    expect(previewOf('s1', other, { s2: 'two' })).toBeNull();
    expect(previewOf('s1', plan(step({ inputs: from('s1') })), { s9: 'x' })).toBeNull();
  });
});
