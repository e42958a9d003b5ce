import './spells.css';
import { useRef, useState } from 'preact/hooks';
import { importSpell, listSpells } from '../../api/spells';
import { Problem } from '../../api/problem';
import type { Page, SpellHead } from '../../api/types';
import { label } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { go } from '../library/places';
import { changes } from './changes';
import { Marked } from './Recipe';

/** The person's own spells, the newest first. */
export function Spells() {
  const { value, fault, set } = useLoaded(firstPage, changes.value);
  if (!value) return <Loading fault={fault} />;
  const more = async () => {
    const page = await attempt(() => listSpells(value.next));
    if (page) set({ items: [...value.items, ...page.items], next: page.next });
  };
  return (
    <div class="spells">
      {value.items.length ? <ul class="tool-list">{value.items.map((spell) => <Row key={spell.id} spell={spell} />)}</ul> : <Empty />}
      <div class="page-buttons">
        {value.next !== null && <button type="button" class="button" onClick={() => void more()}>Show older</button>}
        <Import />
      </div>
    </div>
  );
}

/** Somebody without an account yet simply has no spells. */
async function firstPage(): Promise<Page<SpellHead>> {
  try {
    return await listSpells(null);
  } catch (error) {
    if (error instanceof Problem && error.code === 'no_account') return { items: [], next: null };
    throw error;
  }
}

function Empty() {
  return (
    <div class="library-empty">
      <Icon name="wand" />
      <p>No spells yet. Make something you like, then press <b>Save as a spell</b> under the picture – or say “save that as …”. Next time it is one word.</p>
    </div>
  );
}

function Row({ spell }: { spell: SpellHead }) {
  const asks = [...Object.keys(spell.blanks), ...Object.keys(spell.ports)].map(label);
  return (
    <li class="spell-row">
      <button type="button" class={spell.available ? 'tool-row' : 'tool-row is-later'} data-row onClick={() => go({ view: 'spell', id: spell.id })}>
        <span class="tool-head"><b>{spell.title}</b><small>{spell.visibility === 'private' ? `version ${spell.version}` : spell.visibility === 'link' ? 'shared by link' : 'public'}</small></span>
        <span class="tool-words"><Marked text={spell.description} /></span>
        <span class="tool-gap">{asks.length ? `asks for ${asks.join(', ')}` : 'asks for nothing'}</span>
      </button>
      <button type="button" class="button button-small button-main spell-cast" aria-label={`Cast ${spell.title}`} onClick={() => go({ view: 'cast', id: spell.id })}>Cast</button>
    </li>
  );
}

function Import() {
  const picker = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const read = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const made = await attempt(async () => importSpell(parsed(await file.text())));
    setBusy(false);
    if (!made) return;
    go({ view: 'spell', id: made.id });
    tell(`${made.title} is yours now.`);
  };
  return (
    <>
      <button type="button" class="button" disabled={busy} onClick={() => picker.current?.click()}><Icon name="upload" />Import a spell</button>
      <input ref={picker} class="hidden-visually" type="file" accept="application/json,.json" tabIndex={-1} aria-hidden="true" onChange={(event) => { void read(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(0, 'not_json', 'This file is no spell.', 'Choose a file that was exported from here.');
  }
}
