import { call } from './http';
import type { Lora, Page } from './types';

export interface LoraFacts {
  title: string;
  file: string;
  base?: string;
  triggers: string[];
  weight: number;
}

const at = (id: string): string => `/loras/${encodeURIComponent(id)}`;

export const listLoras = () => call<Page<Lora>>('GET', '/loras?limit=1000');
export const addLora = (facts: LoraFacts) => call<Lora>('POST', '/loras', facts);
export const changeLora = (id: string, facts: Partial<LoraFacts>) => call<Lora>('PATCH', at(id), facts);
export const publishLora = (id: string) => call<Lora>('POST', `${at(id)}/publish`, {});
export const removeLora = (id: string) => call<void>('DELETE', at(id));
