import { call } from './http';
import type { Conversation, ConversationHead, Info, Message, Page, Rating } from './types';

const at = (id: string): string => encodeURIComponent(id);

export const getInfo = () => call<Info>('GET', '/info');

export const createConversation = () => call<Conversation>('POST', '/conversations', {});
export const getConversation = (id: string) => call<Conversation>('GET', `/conversations/${at(id)}`);
export const listConversations = (cursor: string | null) =>
  call<Page<ConversationHead>>('GET', cursor ? `/conversations?after=${at(cursor)}` : '/conversations');
export const changeConversation = (id: string, change: { title?: string; pinned?: boolean }) =>
  call<ConversationHead>('PATCH', `/conversations/${at(id)}`, change);
export const deleteConversation = (id: string) => call<void>('DELETE', `/conversations/${at(id)}`);

export const sendMessage = (conversation: string, message: Message, key: string) =>
  call<{ turn_id: string }>('POST', `/conversations/${at(conversation)}/messages`, message, key);

export const retryTurn = (turn: string) => call<{ turn_id: string }>('POST', `/turns/${at(turn)}/retry`, {});
export const rateTurn = (turn: string, rating: Rating) => call<void>('POST', `/turns/${at(turn)}/feedback`, { rating });

export const cancelRun = (run: string) => call<unknown>('POST', `/runs/${at(run)}/cancel`, {});
export const confirmRun = (run: string) => call<unknown>('POST', `/runs/${at(run)}/confirm`, {});

export const deleteAsset = (id: string) => call<void>('DELETE', `/assets/${at(id)}`);
/** A small picture of it; texts and 3D models have none. */
export const thumbnailUrl = (id: string): string => `/api/v1/assets/${at(id)}/thumbnail`;
export const contentUrl = (id: string): string => `/api/v1/assets/${at(id)}/content`;
