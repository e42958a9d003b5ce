import './loras.css';
import { useState } from 'preact/hooks';
import { addLora, changeLora, listLoras, publishLora, removeLora } from '../../api/loras';
import type { Lora } from '../../api/types';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { openLibrary } from '../library/places';
import { triggersOf } from './words';

/** A private LoRA: new, or one of one's own. */
export function LoraForm({ id }: { id: string | null }) {
  const { value, fault } = useLoaded(async () => (id === null ? [] : (await listLoras()).items), id);
  if (!value) return <Loading fault={fault} />;
  return <Form lora={value.find((each) => each.id === id) ?? null} />;
}

function Form({ lora }: { lora: Lora | null }) {
  const [facts, setFacts] = useState({ title: lora?.title ?? '', file: lora?.file ?? '', base: lora?.base ?? '', triggers: lora?.triggers.join(', ') ?? '', weight: String(lora?.weight ?? 1) });
  const [busy, setBusy] = useState(false);
  const set = (name: keyof typeof facts) => (event: { currentTarget: HTMLInputElement }) => setFacts({ ...facts, [name]: event.currentTarget.value });
  const done = async (act: () => Promise<unknown>, words: string) => {
    setBusy(true);
    const made = await attempt(async () => { await act(); return true; });
    setBusy(false);
    if (!made) return;
    openLibrary({ view: 'loras' });
    tell(words);
  };
  const body = () => ({ title: facts.title.trim(), file: facts.file.trim(), ...(facts.base.trim() ? { base: facts.base.trim() } : {}), triggers: triggersOf(facts.triggers), weight: Number(facts.weight) || 1 });
  const save = () => done(() => (lora ? changeLora(lora.id, body()) : addLora(body())), `${facts.title} can be used now.`);
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <h1>{lora ? `Edit ${lora.title}` : 'Add a private LoRA'}</h1>
      <p class="quiet">Its file lies on your render server, under <code>models/loras</code>. Only you can use it.</p>
      <label class="field"><span>Name</span><input value={facts.title} maxLength={80} required onInput={set('title')} /></label>
      <label class="field"><span>File</span><input value={facts.file} maxLength={255} required placeholder="style.safetensors" spellcheck={false} onInput={set('file')} /></label>
      <label class="field"><span>Trigger words</span><input value={facts.triggers} placeholder="disney style, big eyes" onInput={set('triggers')} /></label>
      <label class="field"><span>Base</span><input value={facts.base} maxLength={80} placeholder="read from the file’s name, such as sdxl" spellcheck={false} onInput={set('base')} /></label>
      <label class="field"><span>Weight</span><input type="number" min={-2} max={2} step={0.05} value={facts.weight} onInput={set('weight')} /></label>
      <div class="page-buttons">
        <button type="submit" class="button button-main" disabled={busy}>{lora ? 'Save' : 'Add'}</button>
        {lora?.visibility === 'private' && <button type="button" class="button" disabled={busy} onClick={() => void done(() => publishLora(lora.id), 'An admin decides whether everybody may use it.')}>Offer to everybody</button>}
        {lora && <button type="button" class="button button-quiet" disabled={busy} onClick={() => void done(() => removeLora(lora.id), `${lora.title} is gone from your list; its file stays.`)}>Remove</button>}
      </div>
    </form>
  );
}
