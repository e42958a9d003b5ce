import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Deed } from './house';

export type Act = (deed: Deed) => Promise<void>;

/** A titled part of the page. Its heading takes the focus of a button that went away with what it did. */
export function Section({ title, note, children }: { title: string; note: string; children: ComponentChildren }) {
  return <section aria-label={title}><h2 tabIndex={-1}>{title} {note && <small>{note}</small>}</h2>{children}</section>;
}

/** Rows under a head; on a narrow screen each row is a card that names its cells. The roles are told because a table that is laid
 * out as blocks is none to a screen reader. */
export function Table({ head, rows, empty }: { head: string[]; rows: { key: string; cells: ComponentChildren[] }[]; empty: string }) {
  if (!rows.length) return <p class="ops-hint">{empty}</p>;
  return (
    <table class="ops-table" role="table">
      <thead role="rowgroup"><tr role="row">{head.map((name) => <th key={name} scope="col" role="columnheader">{name || <span class="hidden-visually">actions</span>}</th>)}</tr></thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={row.key} role="row">{row.cells.map((cell, at) => <td key={at} role="cell" data-name={head[at]} class={cell === '' ? 'is-empty' : undefined}>{cell}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

/** A button that does a thing once: pressed again while that is being done, it does nothing. `sure`: asked before. */
export function Do({ verb, what, deed, act, sure }: { verb: string; what: string; deed: Deed; act: Act; sure?: string }) {
  const doing = useRef<string | null>(null);
  const press = async (button: HTMLElement) => {
    if (doing.current === deed.path || (sure && !confirm(sure))) return;
    const heading = button.closest('section')?.querySelector('h2');
    doing.current = deed.path;
    await act(deed);
    if (doing.current === deed.path) doing.current = null;
    requestAnimationFrame(() => { if (document.activeElement === document.body) heading?.focus(); });
  };
  return <button type="button" class="button button-small" aria-label={`${verb} ${what}`} onClick={(event) => void press(event.currentTarget)}>{verb}</button>;
}
