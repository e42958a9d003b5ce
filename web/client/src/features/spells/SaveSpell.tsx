import './spells.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { saveSpell } from '../../api/spells';
import { attempt, tell } from '../library/notice';
import { turnTo } from '../library/places';
import { conversationId } from '../stream/session';
import { changed } from './changes';

/** The name of a new spell. What is left blank is seen, and changed, on the page that follows. */
export function SaveSpell({ handle, title }: { handle: string; title: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(title);
  const [same, setSame] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => field.current?.select(), []);
  const save = async () => {
    setBusy(true);
    const body = { title: name.trim(), conversation_id: conversationId.value ?? '', handle, same_seed: same };
    const made = await attempt(() => saveSpell(body));
    setBusy(false);
    if (!made) return;
    changed();
    turnTo({ view: 'edit', id: made.id, fresh: true });
    tell(`Saved. Say “cast ${made.title}” at any time.`);
  };
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <h1>Save {handle} as a spell</h1>
      <p class="quiet">A spell keeps every step that made {handle}. What it shows is left blank, and pictures that you brought become slots, so that it works on the next thing too.</p>
      <label class="field"><span>Name</span><input ref={field} value={name} maxLength={80} required onInput={(event) => setName(event.currentTarget.value)} /></label>
      <label class="tick"><input type="checkbox" checked={same} onChange={(event) => setSame(event.currentTarget.checked)} /> Same chance every time (keep the seed)</label>
      <div class="page-buttons"><button type="submit" class="button button-main" disabled={busy || !name.trim()}>Save as spell</button></div>
    </form>
  );
}
