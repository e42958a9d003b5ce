/**
 * The shapes the page relies on, under the names it uses. They are generated from web/openapi.json into schema.d.ts by
 * `npm run types`; this file is the only one that imports it.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Asset = Schemas['Asset'];
export type AssetRef = Schemas['Attachment'];
export type Capability = Schemas['Capability'];
export type Choice = Schemas['Choice'];
export type Conversation = Schemas['Conversation'];
export type ConversationHead = Schemas['ConversationHead'];
export type Estimate = Schemas['Estimate'];
export type Info = Schemas['Info'];
export type Intent = Schemas['Intent'];
export type Plan = Schemas['Plan'];
export type Step = Schemas['Step'];
export type Source = Step['inputs'][string][number];
export type Turn = Schemas['Turn'];
export type Range = Estimate['seconds'];

/** One frame of a conversation's stream, told apart by `type`. Transient ones have no number: `id` is null. */
export type StreamEvent = Schemas['Event'];
export type TurnStatus = Extract<StreamEvent, { type: 'turn.completed' }>['status'];

export type Rating = 'up' | 'down' | null;

/** A failure in plain words; `action` is what to do next, if anything is known. */
export type Fault = Pick<Schemas['Fault'], 'code' | 'message'> & { action: string | null };

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Message {
  text: string;
  attachments?: string[];
  reply_to?: string;
  choice?: string;
}

export type ToolHead = Schemas['ToolHead'];
export type Tool = Schemas['Tool'];
export type Parameter = Schemas['ParameterShape'];
export type Port = Schemas['PortShape'];
export type SpellHead = Schemas['SpellHead'];
export type Spell = Schemas['SpellShape'];
export type RecipeStep = Schemas['RecipeStepShape'];
export type SpellVersion = Schemas['SpellVersion'];
export type SpellFile = Schemas['SpellFile'];
export type Sharing = Schemas['Sharing'];
export type Visibility = Sharing['visibility'];
export type Lora = Schemas['LoraShape'];
export type Terms = Lora['commercial'];
export type WorkflowHead = Schemas['WorkflowHead'];
export type Workflow = Schemas['WorkflowShape'];
export type WorkflowDraft = Schemas['FileDraft'];
export type Finding = Schemas['FindingShape'];
export type NeededFile = Schemas['NeededFile'];
