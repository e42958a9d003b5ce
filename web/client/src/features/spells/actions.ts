import { deleteSpell, exportSpell, forkSpell, importSpell } from '../../api/spells';
import type { Spell } from '../../api/types';
import { attempt, tell } from '../library/notice';
import { openLibrary, turnTo } from '../library/places';
import { changed } from './changes';

/** Deletes at once; until the notice is gone an export that was taken before brings it back. */
export async function remove(spell: Spell): Promise<void> {
  const kept = await attempt(async () => {
    const file = await exportSpell(spell.id);
    await deleteSpell(spell.id);
    return file;
  });
  if (!kept) return;
  openLibrary({ view: 'spells' });
  changed();
  tell(`${spell.title} is deleted.`, () => void bringBack(kept, spell.title));
}

async function bringBack(file: unknown, title: string): Promise<void> {
  if (!(await attempt(() => importSpell(file)))) return;
  changed();
  tell(`${title} is back.`);
}

export async function copy(spell: Spell): Promise<void> {
  const made = await attempt(() => forkSpell(spell.id));
  if (!made) return;
  changed();
  turnTo({ view: 'spell', id: made.id });
  tell(`This is your copy of ${spell.title}.`);
}

export async function download(spell: Spell): Promise<void> {
  const file = await attempt(() => exportSpell(spell.id));
  if (!file) return;
  const address = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: fileName(spell.title) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

const fileName = (title: string): string => `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'spell'}.spell.json`;
