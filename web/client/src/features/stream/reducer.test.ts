import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../api/types';
import { isGap, reduce, reduceAll } from './reducer';
import { emptyView } from './view';

const at = '2026-01-01T00:00:00Z';
type Loose = { type: string; id?: number | null } & Record<string, unknown>;
const event = (fields: Loose): StreamEvent => ({ turn_id: 't1', at, ...fields }) as unknown as StreamEvent;

const asset = (id: string, width = 640, height = 480) => ({ id, kind: 'image', media_type: 'image/png', bytes: 10, width, height, parents: [], sketch: true });
const plan = { id: 'p', summary: 'a city', steps: [{ id: 's1', tool: 't', title: 'T', params: {}, inputs: {}, outputs: {}, version_of: null, deliver: true }], estimate: null, warnings: [] };

const STORY: StreamEvent[] = [
  event({ id: 1, type: 'turn.started', text: 'a city', attachments: [] }),
  event({ id: 2, type: 'intent', intents: [{ kind: 'create', summary: 'a city', on: [], constraints: {} }], confidence: 0.9 }),
  event({ id: 3, type: 'reply.delta', text: 'On ' }),
  event({ id: 4, type: 'reply.delta', text: 'it.' }),
  event({ id: 5, type: 'plan', plan, run_id: 'r1' }),
  event({ id: 6, type: 'run.queued', run_id: 'r1', place: 2, eta_s: [1, 3] }),
  event({ type: 'run.progress', run_id: 'r1', step_id: 's1', status: 'running', fraction: 0.5, current_step: 2, total_steps: 4, message: 'Painting' }),
  event({ type: 'run.preview', run_id: 'r1', step_id: 's1', image: 'data:,' }),
  event({ id: 7, type: 'run.output', run_id: 'r1', step_id: 's1', asset: asset('x'), handle: 'A1' }),
  event({ id: 8, type: 'run.completed', run_id: 'r1', cost: { credits: 0, gpu_s: 1 } }),
  event({ id: 9, type: 'turn.completed', status: 'done' }),
];

describe('a turn from its first event to its last', () => {
  it('shows text, reply, plan, picture and end', () => {
    const { turns, cursor, assets } = reduceAll(emptyView(), STORY);
    expect(cursor).toBe(9);
    expect(turns[0]).toMatchObject({ text: 'a city', reply: 'On it.', status: 'done', run: { id: 'r1', phase: 'completed', previews: {} } });
    expect(turns[0]!.outputs.map((output) => output.handle)).toEqual(['A1']);
    expect(assets['x']).toEqual({ handle: 'A1', turnId: 't1', width: 640, height: 480 });
  });

  it('shows progress and preview while it runs', () => {
    const { turns } = reduceAll(emptyView(), STORY.slice(0, 8));
    expect(turns[0]!.run).toMatchObject({ phase: 'running', progress: { fraction: 0.5, message: 'Painting' }, previews: { s1: 'data:,' } });
  });

  it('knows which steps had been made before', () => {
    const { turns } = reduceAll(emptyView(), [...STORY.slice(0, 9), event({ id: 8, type: 'run.completed', run_id: 'r1', cost: { credits: 0, gpu_s: 0 }, cached: ['s1'] })]);
    expect(turns[0]!.run).toMatchObject({ phase: 'completed', cached: ['s1'] });
    expect(reduceAll(emptyView(), STORY).turns[0]!.run!.cached).toEqual([]);
  });

  it('is the same when every event comes twice', () => {
    const twice = STORY.filter((one) => one.id).flatMap((one) => [one, one]);
    const once = STORY.filter((one) => one.id);
    expect(reduceAll(emptyView(), twice)).toEqual(reduceAll(emptyView(), once));
  });

  it('is the same when it is replayed from the start on top of itself', () => {
    const view = reduceAll(emptyView(), STORY);
    expect(reduceAll(view, STORY)).toEqual(view);
  });
});

describe('the cursor', () => {
  it('is not moved by transient events', () => {
    const view = reduceAll(emptyView(), STORY.slice(0, 8));
    expect(view.cursor).toBe(6);
  });

  it('tells a gap from the next number and from a transient event', () => {
    const view = reduceAll(emptyView(), STORY.slice(0, 2));
    expect(isGap(view, event({ id: 3, type: 'reply.delta', text: '' }))).toBe(false);
    expect(isGap(view, event({ id: 4, type: 'reply.delta', text: '' }))).toBe(true);
    expect(isGap(view, event({ type: 'run.progress' }))).toBe(false);
  });

  it('moves past an event of a kind this page does not know', () => {
    expect(reduce(reduceAll(emptyView(), STORY.slice(0, 1)), event({ id: 2, type: 'something.new' })).cursor).toBe(2);
  });
});

describe('late and odd events', () => {
  it('progress after the end changes nothing', () => {
    const view = reduceAll(emptyView(), STORY);
    expect(reduce(view, STORY[6]!)).toBe(view);
  });

  it('events of an unknown turn change nothing but the cursor', () => {
    const view = reduceAll(emptyView(), STORY);
    expect(reduce(view, event({ id: 10, type: 'reply.delta', turn_id: 'other', text: 'x' }))).toEqual({ ...view, cursor: 10 });
  });

  it('a failure keeps its sentence when the turn ends with a bare code', () => {
    const failed = [...STORY.slice(0, 6), event({ id: 7, type: 'run.failed', run_id: 'r1', code: 'oom', message: 'Too large.', refunded: true }), event({ id: 8, type: 'turn.completed', status: 'failed', error: 'oom' })];
    const [turn] = reduceAll(emptyView(), failed).turns;
    expect(turn).toMatchObject({ status: 'failed', error: { code: 'oom', message: 'Too large.' }, run: { phase: 'failed', refunded: true } });
  });

  it('a turn that ends ends its run, even if the end of the run was never heard', () => {
    const [turn] = reduceAll(emptyView(), [...STORY.slice(0, 6), event({ id: 7, type: 'turn.completed', status: 'cancelled' })]).turns;
    expect(turn!.run!.phase).toBe('cancelled');
  });

  it('a run that waits for a yes shows what it would cost', () => {
    const estimate = { credits: [30, 40], seconds: [100, 200] };
    const [turn] = reduceAll(emptyView(), [...STORY.slice(0, 5), event({ id: 6, type: 'run.awaiting_confirmation', run_id: 'r1', estimate, expires_at: at })]).turns;
    expect(turn!.run).toMatchObject({ phase: 'waiting', estimate });
  });

  it('an unchanged turn stays the same object, so that it is not drawn again', () => {
    const view = reduceAll(emptyView(), STORY);
    const next = reduce(view, event({ id: 10, type: 'turn.started', turn_id: 't2', text: 'b', attachments: [{ asset_id: 'u', handle: 'A2' }] }));
    expect(next.turns[0]).toBe(view.turns[0]);
    expect(next.assets['u']).toMatchObject({ handle: 'A2', turnId: 't2' });
  });
});
