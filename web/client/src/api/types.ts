/**
 * The shapes the page relies on, by hand, after the HTTP contract. When web/openapi.json is there, `npm run types`
 * writes schema.d.ts and this file alone changes to re-export from it. Event frames stay typed here: OpenAPI has no
 * words for a stream.
 */

export type Kind = 'image' | 'mask' | 'video' | 'audio' | 'text' | 'model3d';
export type Range = [low: number, high: number];

export interface Asset {
  id: string;
  kind: Kind;
  media_type: string;
  bytes: number;
  width: number | null;
  height: number | null;
  duration_s: number | null;
  origin: 'upload' | 'output';
  sketch: boolean;
  created_at: string;
  expires_at: string | null;
  run_id: string | null;
  step_id: string | null;
  tool: string | null;
  params: Record<string, unknown> | null;
  parents: { asset_id: string; port: string }[];
  handles: { conversation_id: string; handle: string }[];
}

export interface AssetRef {
  asset_id: string;
  handle: string;
}

export type Source = AssetRef | { step_id: string; port: string };

export interface Step {
  id: string;
  tool: string;
  title: string;
  params: Record<string, unknown>;
  inputs: Record<string, Source[]>;
  outputs: Record<string, string>;
  deliver: boolean;
}

export interface Estimate {
  credits: Range;
  seconds: Range;
}

export interface Plan {
  id: string;
  summary: string;
  steps: Step[];
  estimate: Estimate | null;
  warnings: { code: string; message: string }[];
}

export interface Intent {
  kind: string;
  summary: string;
  on: string[];
  constraints: Record<string, unknown>;
}

export interface Choice {
  id: string;
  label: string;
}

export type TurnStatus = 'answered' | 'asked' | 'done' | 'failed' | 'cancelled';
export type Rating = 'up' | 'down' | null;

export interface Fault {
  code: string;
  message: string;
  action: string | null;
}

export interface Turn {
  id: string;
  text: string;
  feedback: { rating?: Rating } | Rating;
}

export interface Conversation {
  id: string;
  title: string | null;
  pinned?: boolean;
  tier: string;
  created_at: string;
  last_event_id: number;
  turns?: Turn[];
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Info {
  version: string;
  mode?: string;
  capabilities: Record<string, unknown>;
}

export interface Message {
  text: string;
  attachments?: string[];
  reply_to?: string;
  choice?: string;
}

interface Frame<T extends string> {
  /** Number in the conversation; transient frames have none. */
  id?: number | null;
  type: T;
  turn_id: string;
  at: string;
  correlation_id?: string;
  run_id?: string;
  job_id?: string;
}

export type StreamEvent =
  | (Frame<'turn.started'> & { text: string; attachments: AssetRef[] })
  | (Frame<'intent'> & { intents: Intent[]; confidence: number })
  | (Frame<'reply.delta'> & { text: string })
  | (Frame<'clarification'> & { question: string; choices: Choice[] })
  | (Frame<'plan'> & { plan: Plan })
  | (Frame<'run.awaiting_confirmation'> & { estimate: Estimate; expires_at: string | null })
  | (Frame<'run.queued'> & { place: number | null; eta_s: Range | null })
  | (Frame<'run.progress'> & {
      step_id: string | null;
      status: string;
      fraction: number;
      current_step: number | null;
      total_steps: number | null;
      message: string | null;
    })
  | (Frame<'run.preview'> & { step_id: string | null; image: string })
  | (Frame<'run.output'> & { step_id: string | null; asset: Asset; handle: string })
  | (Frame<'run.completed'> & { cost: { credits: number; gpu_s: number } | null })
  | (Frame<'run.failed'> & { code: string; message: string; action?: string | null; refunded: number | boolean | null })
  | (Frame<'run.cancelled'> & { refunded: number | boolean | null })
  | (Frame<'turn.completed'> & { status: TurnStatus; error?: unknown });

export type EventType = StreamEvent['type'];
