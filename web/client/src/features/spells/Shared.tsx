import './spells.css';
import { useState } from 'preact/hooks';
import { forkShared, lookAtShared } from '../../api/spells';
import { label } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { openLibrary, go } from '../library/places';
import { Recipe } from './Recipe';

/** What somebody gave the link of: the recipe, and a copy of one's own to use. */
export function Shared({ token }: { token: string }) {
  const { value: spell, fault } = useLoaded(() => lookAtShared(token), token);
  const [busy, setBusy] = useState(false);
  if (!spell) return <Loading fault={fault} />;
  const use = async () => {
    setBusy(true);
    const made = await attempt(() => forkShared(token));
    setBusy(false);
    if (!made) return;
    openLibrary({ view: 'spells' });
    go({ view: 'spell', id: made.id });
    go({ view: 'cast', id: made.id });
    tell(`${made.title} is among your spells now.`);
  };
  const asks = [...Object.keys(spell.blanks), ...Object.keys(spell.ports)].map(label);
  return (
    <article class="tool-page">
      <h1>{spell.title}</h1>
      <p class="tool-description">Somebody shared this spell with you. {asks.length ? `It asks for ${asks.join(' and ')}.` : ''}</p>
      {spell.reason && <p class="gap"><Icon name="clock" /><span>Cannot be cast now: {spell.reason}.</span></p>}
      <div class="page-buttons"><button type="button" class="button button-main" disabled={busy} onClick={() => void use()}><Icon name="wand" />Use it</button></div>
      <section><h2>Recipe</h2><Recipe steps={spell.steps} /></section>
    </article>
  );
}
