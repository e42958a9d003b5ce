import { readFault } from '../../api/problem';
import type { AssetRef, StreamEvent } from '../../api/types';
import { newRun, runEnded, type ConversationView, type RunView, type TurnView } from './view';

type Started = Extract<StreamEvent, { type: 'turn.started' }>;
type Output = Extract<StreamEvent, { type: 'run.output' }>;

/**
 * Folds one event into the view. Numbered events are applied once and in order: a number already seen changes
 * nothing. Transient events (no number) never move the cursor.
 */
export function reduce(view: ConversationView, event: StreamEvent): ConversationView {
  const number = event.id ?? null;
  if (number !== null && number <= view.cursor) return view;
  const next = fold(view, event);
  return number === null ? next : { ...next, cursor: number };
}

export const reduceAll = (view: ConversationView, events: readonly StreamEvent[]): ConversationView =>
  events.reduce(reduce, view);

/** True when the stream jumped over a number: the caller must resume from the cursor. */
export const isGap = (view: ConversationView, event: StreamEvent): boolean => (event.id ?? 0) > view.cursor + 1;

function fold(view: ConversationView, event: StreamEvent): ConversationView {
  if (event.type === 'turn.started') return start(view, event);
  const index = view.turns.findIndex((turn) => turn.id === event.turn_id);
  const before = view.turns[index];
  if (!before) return view;
  const after = foldTurn(before, event);
  if (after === before) return view;
  const turns = view.turns.slice();
  turns[index] = after;
  return { ...view, turns, assets: event.type === 'run.output' ? locate(view, event) : view.assets };
}

function start(view: ConversationView, event: Started): ConversationView {
  if (view.turns.some((turn) => turn.id === event.turn_id)) return view;
  const attachments = event.attachments ?? [];
  return { ...view, turns: [...view.turns, newTurn(event, attachments)], assets: attach(view, event.turn_id, attachments) };
}

const newTurn = (event: Started, attachments: AssetRef[]): TurnView => ({
  id: event.turn_id,
  at: event.at,
  text: event.text ?? '',
  attachments,
  intents: [],
  reply: '',
  clarification: null,
  plan: null,
  run: null,
  outputs: [],
  status: 'working',
  error: null,
});

function attach(view: ConversationView, turnId: string, attachments: AssetRef[]): ConversationView['assets'] {
  const assets = { ...view.assets };
  for (const { asset_id, handle } of attachments) assets[asset_id] ??= { handle, turnId, width: null, height: null };
  return assets;
}

function locate(view: ConversationView, { asset, handle, turn_id }: Output): ConversationView['assets'] {
  return { ...view.assets, [asset.id]: { handle, turnId: turn_id, width: asset.width, height: asset.height } };
}

function foldTurn(turn: TurnView, event: StreamEvent): TurnView {
  switch (event.type) {
    case 'intent':
      return { ...turn, intents: event.intents };
    case 'reply.delta':
      return { ...turn, reply: turn.reply + event.text };
    case 'clarification':
      return { ...turn, clarification: { question: event.question, choices: event.choices ?? [] } };
    case 'plan':
      return { ...turn, plan: event.plan, run: event.run_id ? newRun(event.run_id) : turn.run };
    case 'run.output':
      return output(turn, event);
    case 'turn.completed':
      return complete(turn, event);
    default:
      return foldRun(turn, event);
  }
}

function output(turn: TurnView, { step_id, asset, handle, unfinished }: Output): TurnView {
  if (turn.outputs.some((known) => known.handle === handle)) return turn;
  return { ...turn, outputs: [...turn.outputs, { stepId: step_id ?? null, asset, handle, unfinished: Boolean(unfinished) }] };
}

function complete(turn: TurnView, event: Extract<StreamEvent, { type: 'turn.completed' }>): TurnView {
  const fault = readFault(event.error);
  const error = fault ? { ...turn.error, ...fault, message: fault.message || turn.error?.message || '' } : turn.error;
  return { ...turn, status: event.status, error, run: turn.run && settle(turn.run, event.status) };
}

/** A turn's end is the end of its run, whatever was heard of the run itself. */
function settle(run: RunView, status: TurnView['status']): RunView {
  if (runEnded(run)) return run;
  return { ...run, phase: status === 'done' ? 'completed' : status === 'cancelled' ? 'cancelled' : 'failed', previews: {} };
}

function foldRun(turn: TurnView, event: StreamEvent): TurnView {
  const run = turn.run ?? (event.run_id ? newRun(event.run_id) : null);
  if (!run || runEnded(run)) return turn;
  const after = moveRun(run, event);
  const error = event.type === 'run.failed' ? readFault(event) : turn.error;
  return after === run ? turn : { ...turn, run: after, error };
}

function moveRun(run: RunView, event: StreamEvent): RunView {
  switch (event.type) {
    case 'run.awaiting_confirmation':
      return { ...run, phase: 'waiting', estimate: event.estimate, expiresAt: event.expires_at };
    case 'run.queued':
      return { ...run, phase: 'queued', place: event.place, eta: event.eta_s, etaAt: Date.parse(event.at) || null, reason: event.reason ?? null, until: Date.parse(event.until ?? '') || null, late: Boolean(event.message), progress: null };
    case 'run.progress':
      return { ...run, phase: 'running', progress: progressOf(event) };
    case 'run.preview':
      return { ...run, previews: { ...run.previews, [event.step_id ?? '']: event.image } };
    case 'run.completed':
      return { ...run, phase: 'completed', cost: event.cost, cached: event.cached ?? [], previews: {} };
    case 'run.failed':
      return { ...run, phase: 'failed', refunded: Boolean(event.refunded), previews: {} };
    case 'run.cancelled':
      return { ...run, phase: 'cancelled', refunded: Boolean(event.refunded), previews: {} };
    default:
      return run;
  }
}

const progressOf = (event: Extract<StreamEvent, { type: 'run.progress' }>): RunView['progress'] => ({
  stepId: event.step_id ?? null,
  fraction: Math.min(1, Math.max(0, event.fraction ?? 0)),
  current: event.current_step ?? null,
  total: event.total_steps ?? null,
  message: event.message || null,
  left: event.left_s ?? null,
  at: Date.parse(event.at) || null,
});
