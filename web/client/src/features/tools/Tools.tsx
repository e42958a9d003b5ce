import './tools.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ToolHead } from '../../api/types';
import { FaultNote } from '../../ui/FaultNote';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { go } from '../library/places';
import { family, find, found, searchFault, typed, words } from './finding';
import { moved } from './keys';
import { families, flow, split } from './sorting';

const FEW = 10;

/** Every tool there is: typed for, narrowed by family, what runs now before what does not. */
export function Tools() {
  useEffect(() => void find(), []);
  const items = found.value;
  return (
    <div class="tools" onKeyDown={moved}>
      <Search />
      {searchFault.value && <FaultNote fault={searchFault.value} />}
      {items === null && !searchFault.value && <Loading fault={null} />}
      {items !== null && <><Chips items={items} /><Lists items={items} /></>}
    </div>
  );
}

function Search() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.select();
  }, []);
  return (
    <label class="search">
      <Icon name="search" />
      <input ref={field} type="search" value={words.value} placeholder="What do you want to do?" aria-label="Search tools" autocomplete="off" spellcheck={false} onInput={(event) => typed(event.currentTarget.value)} />
    </label>
  );
}

function Chips({ items }: { items: ToolHead[] }) {
  const [all, setAll] = useState(false);
  const known = families(items);
  if (known.length < 2) return null;
  const shown = all ? known : known.filter(({ name }, index) => index < FEW || name === family.value);
  return (
    <div class="chips" role="group" aria-label="Families">
      {shown.map(({ name, count }) => (
        <button key={name} type="button" class="chip" aria-pressed={family.value === name} onClick={() => (family.value = family.value === name ? null : name)}>
          {name} <small>{count}</small>
        </button>
      ))}
      {known.length > FEW && <button type="button" class="chip chip-more" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Fewer' : `${known.length - FEW} more`}</button>}
    </div>
  );
}

function Lists({ items }: { items: ToolHead[] }) {
  const { now, later } = split(items, family.value);
  if (!items.length) return <p class="library-empty">Nothing fits these words. Try what you would call the result: “sticker”, “slow motion”, “remove the background”.</p>;
  return (
    <>
      <p class="hidden-visually" role="status">{now.length} run now, {later.length} need something</p>
      {now.length > 0 && <List name="Runs now" items={now} />}
      {later.length > 0 && <List name="Needs something first" items={later} />}
    </>
  );
}

function List({ name, items }: { name: string; items: ToolHead[] }) {
  return (
    <section class="tool-section">
      <h2>{name}</h2>
      <ul class="tool-list">{items.map((tool) => <Row key={tool.name} tool={tool} />)}</ul>
    </section>
  );
}

function Row({ tool }: { tool: ToolHead }) {
  return (
    <li>
      <button type="button" class={tool.available ? 'tool-row' : 'tool-row is-later'} data-row onClick={() => go({ view: 'tool', name: tool.name })}>
        <span class="tool-head"><b>{tool.title}</b><small>{flow(tool)}</small></span>
        <span class="tool-words">{tool.description}</span>
        {tool.reason && <span class="tool-gap"><Icon name="clock" />{tool.reason}</span>}
      </button>
    </li>
  );
}
