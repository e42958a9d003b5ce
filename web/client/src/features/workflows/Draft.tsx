import './workflows.css';
import { useState } from 'preact/hooks';
import { draftFile, keepWorkflow } from '../../api/workflows';
import type { WorkflowDraft } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { go, openLibrary } from '../library/places';
import { Parameters, Ports } from '../tools/Facts';
import { Bring } from './Bring';
import { Findings } from './Findings';
import { Models } from '../tools/Models';
import { offered } from './offered';

/** What a file would be as a tool, before anything of it is kept. */
export function Draft() {
  const file = offered.value;
  const { value, fault } = useLoaded(() => (file ? draftFile(file) : Promise.reject(new Error('no file'))), file);
  if (!file) return <Bring />;
  if (fault) return <div class="tools"><Loading fault={fault} /><div class="page-buttons"><Bring /></div></div>;
  return value ? <Form key={`${file.name} ${file.lastModified}`} draft={value} name={file.name} /> : <Loading fault={null} />;
}

function Form({ draft, name }: { draft: WorkflowDraft; name: string }) {
  const [title, setTitle] = useState(draft.title || name.replace(/\.\w+$/, ''));
  const [description, setDescription] = useState(draft.description ?? '');
  const [busy, setBusy] = useState(false);
  const keep = async () => {
    setBusy(true);
    const made = await attempt(() => keepWorkflow({ workflow: draft.workflow, title: title.trim(), ...(description.trim() ? { description: description.trim() } : {}) }));
    setBusy(false);
    if (!made) return;
    openLibrary({ view: 'workflows' });
    go({ view: 'workflow', id: made.id });
    tell(`${made.title} is among your tools now.`);
  };
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void keep(); }}>
      <h1>{draft.keepable ? 'Keep this workflow?' : 'This workflow cannot be kept'}</h1>
      <p class="quiet">{draft.nodes} nodes{draft.family && ` · ${draft.family}`}. Nothing of it is kept or run yet.</p>
      <Findings findings={draft.findings} />
      {draft.reason && <p class="gap"><Icon name="clock" /><span>Does not run now: {draft.reason}.</span></p>}
      {draft.keepable && <label class="field"><span>Name</span><input value={title} maxLength={80} required onInput={(event) => setTitle(event.currentTarget.value)} /></label>}
      {draft.keepable && <label class="field"><span>What it does, in your words</span><textarea value={description} maxLength={1000} onInput={(event) => setDescription(event.currentTarget.value)} /></label>}
      <div class="tool-ports">
        <Ports name="Takes" ports={draft.inputs} words={'prompt' in draft.params} />
        <Ports name="Gives" ports={draft.outputs} words={false} />
      </div>
      <Parameters params={draft.params} samples={draft.samples} />
      <Models models={draft.models} base={draft.base} vram={draft.vram_gb} />
      <div class="page-buttons">
        {draft.keepable && <button type="submit" class="button button-main" disabled={busy || !title.trim()}>Keep it</button>}
        <button type="button" class="button button-quiet" onClick={() => openLibrary({ view: 'workflows' })}>{draft.keepable ? 'Leave it' : 'Back to your workflows'}</button>
      </div>
    </form>
  );
}
