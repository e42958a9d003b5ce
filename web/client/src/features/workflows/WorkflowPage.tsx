import './workflows.css';
import { deleteWorkflow, exportWorkflow, getWorkflow, keepWorkflow, shareWorkflow } from '../../api/workflows';
import type { Workflow } from '../../api/types';
import { saveAs } from '../../ui/saveAs';
import { Icon } from '../../ui/Icon';
import { prefill } from '../composer/draft';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { closeLibrary, go, openLibrary } from '../library/places';
import { Share } from '../spells/Share';
import { About } from './About';

/** One's own workflow: try it, look at it, give it away. */
export function WorkflowPage({ id }: { id: string }) {
  const { value: workflow, fault, set } = useLoaded(() => getWorkflow(id), id);
  if (!workflow) return <Loading fault={fault} />;
  const tried = () => {
    closeLibrary();
    prefill(workflow.examples[0] ?? `use ${workflow.title} for `);
  };
  return (
    <article class="tool-page">
      <h1>{workflow.title}</h1>
      <p class="tool-description">{workflow.description}</p>
      {workflow.reason && <p class="gap"><Icon name="clock" /><span>Does not run now: {workflow.reason}.</span></p>}
      <div class="page-buttons">
        <button type="button" class="button button-main" onClick={tried}><Icon name="spark" />Try it</button>
        <button type="button" class="button" onClick={() => void download(workflow)}><Icon name="download" />Export</button>
        {workflow.mine && <button type="button" class="button button-quiet" onClick={() => void remove(workflow)}><Icon name="trash" />Delete</button>}
      </div>
      <About workflow={workflow} />
      {workflow.mine && <Share shared={workflow.visibility} query="workflow" share={(visibility) => shareWorkflow(workflow.id, visibility)} onChange={(visibility) => set({ ...workflow, visibility })} />}
    </article>
  );
}

async function download(workflow: Workflow): Promise<void> {
  const file = await attempt(() => exportWorkflow(workflow.id));
  if (file) saveAs(file, workflow.title, 'workflow.json');
}

/** Deletes at once; what was brought is kept here for as long as it can be undone. */
async function remove({ id, title, description }: Workflow): Promise<void> {
  const source = await attempt(async () => {
    const found = await exportWorkflow(id);
    await deleteWorkflow(id);
    return found as Record<string, never>;
  });
  if (!source) return;
  openLibrary({ view: 'workflows' });
  tell(`${title} is deleted.`, () => void bringBack());
  async function bringBack(): Promise<void> {
    const made = await attempt(() => keepWorkflow({ workflow: source!, title, description }));
    if (made) go({ view: 'workflow', id: made.id });
  }
}
