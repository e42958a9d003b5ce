import './spells.css';
import { getSpell, shareSpell } from '../../api/spells';
import type { Spell } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { go } from '../library/places';
import { copy, download, remove } from './actions';
import { Recipe } from './Recipe';
import { Share } from './Share';
import { Versions } from './Versions';

/** One's own spell: cast it, look at it, change it, give it away. */
export function SpellPage({ id }: { id: string }) {
  const { value: spell, fault, set } = useLoaded(() => getSpell(id), id);
  if (!spell) return <Loading fault={fault} />;
  return (
    <article class="tool-page">
      <h1>{spell.title}</h1>
      {spell.reason && <p class="gap"><Icon name="clock" /><span>Cannot be cast now: {spell.reason}.</span></p>}
      <Buttons spell={spell} />
      <section><h2>Recipe</h2><Recipe steps={spell.steps} /></section>
      {spell.mine && <Share shared={spell.visibility} query="spell" share={(visibility) => shareSpell(spell.id, visibility)} onChange={(visibility) => set({ ...spell, visibility })} />}
      {spell.mine && <Versions spell={spell} onRestore={set} />}
    </article>
  );
}

function Buttons({ spell }: { spell: Spell }) {
  return (
    <div class="page-buttons">
      <button type="button" class="button button-main" onClick={() => go({ view: 'cast', id: spell.id })}><Icon name="wand" />Cast</button>
      {spell.mine && <button type="button" class="button" onClick={() => go({ view: 'edit', id: spell.id, fresh: false })}><Icon name="pen" />Edit</button>}
      <button type="button" class="button" onClick={() => void copy(spell)}><Icon name="copy" />{spell.mine ? 'Duplicate' : 'Keep a copy'}</button>
      <button type="button" class="button" onClick={() => void download(spell)}><Icon name="download" />Export</button>
      {spell.mine && <button type="button" class="button button-quiet" onClick={() => void remove(spell)}><Icon name="trash" />Delete</button>}
    </div>
  );
}
