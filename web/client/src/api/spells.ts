import { call } from './http';
import type { Page, Sharing, Spell, SpellFile, SpellHead, SpellVersion, Visibility } from './types';

const at = (id: string, more = ''): string => `/spells/${encodeURIComponent(id)}${more}`;
const shared = (token: string, more = ''): string => `/shared/spells/${encodeURIComponent(token)}${more}`;

export interface NewSpell {
  title: string;
  conversation_id: string;
  handle: string;
  same_seed: boolean;
}

export type SpellChange = Partial<Pick<Spell, 'title' | 'description' | 'blanks' | 'steps' | 'note'>>;

export const listSpells = (cursor: string | null) => call<Page<SpellHead>>('GET', cursor ? `/spells?after=${encodeURIComponent(cursor)}` : '/spells');
export const getSpell = (id: string, version?: number) => call<Spell>('GET', at(id, version ? `?version=${version}` : ''));
export const saveSpell = (spell: NewSpell) => call<Spell>('POST', '/spells', spell);
export const changeSpell = (id: string, change: SpellChange) => call<Spell>('PATCH', at(id), change);
export const deleteSpell = (id: string) => call<void>('DELETE', at(id));
export const spellVersions = (id: string) => call<Page<SpellVersion>>('GET', at(id, '/versions'));
export const shareSpell = (id: string, visibility: Visibility) => call<Sharing>('POST', at(id, '/share'), { visibility });
export const forkSpell = (id: string) => call<Spell>('POST', at(id, '/fork'), {});
export const exportSpell = (id: string) => call<SpellFile>('GET', at(id, '/export'));
export const importSpell = (file: unknown) => call<Spell>('POST', '/spells/import', file);
export const lookAtShared = (token: string) => call<Spell>('GET', shared(token));
export const forkShared = (token: string) => call<Spell>('POST', shared(token, '/fork'), {});
