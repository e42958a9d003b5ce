import { deleteSpell, exportSpell, forkSpell, importSpell } from '../../api/spells';
import type { Spell } from '../../api/types';
import { saveAs } from '../../ui/saveAs';
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
  if (file) saveAs(file, spell.title, 'spell.json');
}
