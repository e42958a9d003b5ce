import type { Asset, AssetRef, Choice, Estimate, Fault, Intent, Plan, Range, TurnStatus } from '../../api/types';

/** Everything the page shows about a conversation: a pure fold of its events. */
export interface ConversationView {
  /** Number of the last event folded in; what a reconnect resumes after. */
  cursor: number;
  turns: TurnView[];
  /** Every picture that has a handle, by asset id. */
  assets: Record<string, Located>;
}

export interface Located {
  handle: string;
  turnId: string;
  width: number | null;
  height: number | null;
}

export interface TurnView {
  id: string;
  at: string;
  text: string;
  attachments: AssetRef[];
  intents: Intent[];
  reply: string;
  clarification: { question: string; choices: Choice[] } | null;
  plan: Plan | null;
  run: RunView | null;
  outputs: OutputView[];
  status: TurnStatus | 'working';
  error: Fault | null;
}

export interface OutputView {
  handle: string;
  stepId: string | null;
  asset: Asset;
  /** How far a run came that was cancelled: not what was asked for. */
  unfinished: boolean;
}

export type RunPhase = 'planned' | 'waiting' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

export interface RunView {
  id: string;
  phase: RunPhase;
  estimate: Estimate | null;
  expiresAt: string | null;
  place: number | null;
  eta: Range | null;
  /** When that was told, in ms. */
  etaAt: number | null;
  /** Why it does not start yet, when that is not the queue. */
  reason: string | null;
  /** When that is waited for no longer (ms); null where there is no such moment. */
  until: number | null;
  /** An earlier promise was wrong; what is told now takes its place. */
  late: boolean;
  progress: Progress | null;
  /** Latest preview per step (data URLs); dropped when the run ends. */
  previews: Record<string, string>;
  cost: { credits: number; gpu_s: number } | null;
  /** Steps that had been made before: they ran nowhere and cost nothing. */
  cached: readonly string[];
  refunded: boolean;
}

export interface Progress {
  stepId: string | null;
  fraction: number;
  current: number | null;
  total: number | null;
  message: string | null;
  /** Seconds until it is done, probably. */
  left: number | null;
  /** When that was told, in ms. */
  at: number | null;
}

export const emptyView = (): ConversationView => ({ cursor: 0, turns: [], assets: {} });

export const newRun = (id: string): RunView => ({
  id,
  phase: 'planned',
  estimate: null,
  expiresAt: null,
  place: null,
  eta: null,
  etaAt: null,
  reason: null,
  until: null,
  late: false,
  progress: null,
  previews: {},
  cost: null,
  cached: [],
  refunded: false,
});

const ENDED: ReadonlySet<RunPhase> = new Set(['completed', 'failed', 'cancelled']);

export const runEnded = (run: RunView): boolean => ENDED.has(run.phase);

/** True while pictures may still come: something is queued or rendering. */
export const runActive = (run: RunView | null): boolean => run !== null && !runEnded(run) && run.phase !== 'waiting';

/** True while the agent is at work on a turn by itself: not when it waits for the person's go-ahead. */
export const turnWorking = (turn: TurnView): boolean =>
  turn.status === 'working' && (turn.run === null || runActive(turn.run));
