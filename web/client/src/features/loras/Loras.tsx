import './loras.css';
import { useState } from 'preact/hooks';
import { listLoras } from '../../api/loras';
import { contentUrl } from '../../api/client';
import type { Lora } from '../../api/types';
import { Problem } from '../../api/problem';
import { Icon } from '../../ui/Icon';
import { prefill, text } from '../composer/draft';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { closeLibrary, go } from '../library/places';
import { LicenceFlag } from '../tools/LicenceFlag';
import { called, fits, ordered } from './words';

/** Styles and characters that can be called by a word in a prompt. */
export function Loras() {
  const { value, fault } = useLoaded(known, 'loras');
  const [words, setWords] = useState('');
  if (!value) return <Loading fault={fault} />;
  const shown = value.filter((lora) => fits(lora, words));
  return (
    <div class="tools">
      <label class="search"><Icon name="search" /><input type="search" value={words} placeholder="Style, trigger word or base" aria-label="Search LoRAs" autocomplete="off" onInput={(event) => setWords(event.currentTarget.value)} /></label>
      {shown.length > 0 ? <ul class="tool-list">{shown.map((lora) => <Card key={lora.id} lora={lora} />)}</ul> : <p class="library-empty">{value.length ? 'None fits these words.' : 'No LoRAs yet. Add one whose file lies on your render server.'}</p>}
      <div class="page-buttons"><button type="button" class="button" onClick={() => go({ view: 'lora', id: null })}><Icon name="plus" />Add a private one</button></div>
    </div>
  );
}

async function known(): Promise<Lora[]> {
  try {
    return ordered((await listLoras()).items);
  } catch (error) {
    if (error instanceof Problem && error.code === 'no_account') return [];
    throw error;
  }
}

function Card({ lora }: { lora: Lora }) {
  const use = (words: string) => {
    closeLibrary();
    prefill(text.value.trim() ? `${text.value.trimEnd()} ${words}` : words);
  };
  return (
    <li class="lora">
      <Cover lora={lora} />
      <div class="lora-words">
        <p class="tool-head"><b>{lora.title}</b><small>{lora.base}</small></p>
        <p class="lora-triggers">
          {lora.triggers.map((word) => <button key={word} type="button" class="chip" title="Put into the message" onClick={() => use(word)}>{word}</button>)}
          <button type="button" class="chip chip-more" title="Put the tag into the message" onClick={() => use(called(lora))}>{called(lora)}</button>
        </p>
        <p class="lora-facts">
          {lora.own && <span class="flag">{lora.visibility === 'private' ? 'private' : lora.visibility === 'proposed' ? 'waits for an admin' : 'yours, public'}</span>}
          <LicenceFlag terms={lora.commercial} licence={lora.licence} />
          {lora.own && <button type="button" class="button button-small button-quiet" onClick={() => go({ view: 'lora', id: lora.id })}>Edit</button>}
        </p>
      </div>
    </li>
  );
}

/** Its cover where it is one of our own pictures: the page asks nobody else for any. */
function Cover({ lora }: { lora: Lora }) {
  const [gone, setGone] = useState(false);
  const own = lora.cover && !lora.cover.includes('/');
  if (!own || gone) return <span class="lora-cover" aria-hidden="true">{lora.title.charAt(0)}</span>;
  return <img class="lora-cover" src={contentUrl(lora.cover!)} alt="" loading="lazy" onError={() => setGone(true)} />;
}
