import { changeSpell, getSpell, spellVersions } from '../../api/spells';
import type { Spell, SpellVersion } from '../../api/types';
import { paramValue } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';

const MOST = 4;

/** What was changed when; an old version comes back as a new one, so that nothing is lost. */
export function Versions({ spell, onRestore }: { spell: Spell; onRestore: (spell: Spell) => void }) {
  const { value } = useLoaded(() => spellVersions(spell.id), `${spell.id} ${spell.newest}`);
  if (!value || value.items.length < 2) return null;
  const restore = async (version: number) => {
    const made = await attempt(async () => {
      const { title, description, blanks, steps } = await getSpell(spell.id, version);
      return changeSpell(spell.id, { title, description, blanks, steps, note: `version ${version} again` });
    });
    if (!made) return;
    onRestore(made);
    tell(`Version ${version} is back, as version ${made.version}.`);
  };
  return (
    <details class="plan-details versions">
      <summary><Icon name="chevron" />{value.items.length} versions</summary>
      <ul>{value.items.map((item) => <Row key={item.version} item={item} current={item.version === spell.version} onRestore={restore} />)}</ul>
    </details>
  );
}

function Row({ item, current, onRestore }: { item: SpellVersion; current: boolean; onRestore: (version: number) => void }) {
  return (
    <li>
      <p><b>Version {item.version}</b> {item.note || item.title}{current && <small> now</small>}</p>
      {item.changes.slice(0, MOST).map(({ what, before, after }) => (
        <p class="version-change" key={what}><small>{what.replace(/^steps\.s/, 'step ').replaceAll('.', ' ')}</small> <del>{short(before)}</del> <ins>{short(after)}</ins></p>
      ))}
      {item.changes.length > MOST && <p class="version-change"><small>and {item.changes.length - MOST} more</small></p>}
      {!current && <button type="button" class="button button-small" onClick={() => onRestore(item.version)}>Bring back</button>}
    </li>
  );
}

const short = (value: unknown): string => (value === null ? '' : paramValue(value).slice(0, 90));
