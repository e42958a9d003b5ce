import './workflows.css';
import { listWorkflows } from '../../api/workflows';
import { Problem } from '../../api/problem';
import type { Page, WorkflowHead } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt } from '../library/notice';
import { go } from '../library/places';
import { flow } from '../tools/sorting';
import { Bring } from './Bring';

/** The ComfyUI workflows that the person brought. */
export function Workflows() {
  const { value, fault, set } = useLoaded(firstPage, 'workflows');
  if (!value) return <Loading fault={fault} />;
  const more = async () => {
    const page = await attempt(() => listWorkflows(value.next));
    if (page) set({ items: [...value.items, ...page.items], next: page.next });
  };
  return (
    <div class="tools">
      {value.items.length ? <ul class="tool-list">{value.items.map((each) => <Row key={each.id} workflow={each} />)}</ul> : <Empty />}
      <div class={value.items.length ? 'page-buttons' : 'page-buttons page-buttons-middle'}>
        <Bring />
        {value.next !== null && <button type="button" class="button" onClick={() => void more()}>Show older</button>}
      </div>
    </div>
  );
}

async function firstPage(): Promise<Page<WorkflowHead>> {
  try {
    return await listWorkflows(null);
  } catch (error) {
    if (error instanceof Problem && error.code === 'no_account') return { items: [], next: null };
    throw error;
  }
}

function Empty() {
  return (
    <div class="library-empty workflows-empty">
      <Icon name="upload" />
      <p>Drop a ComfyUI workflow here: the JSON that it saves or exports, or a picture that it made. You see what it takes and gives before it is kept, and it is yours alone.</p>
    </div>
  );
}

function Row({ workflow }: { workflow: WorkflowHead }) {
  return (
    <li>
      <button type="button" class={workflow.available ? 'tool-row' : 'tool-row is-later'} data-row onClick={() => go({ view: 'workflow', id: workflow.id })}>
        <span class="tool-head"><b>{workflow.title}</b><small>{flow(workflow)}</small></span>
        <span class="tool-words">{workflow.description}</span>
        {workflow.reason && <span class="tool-gap"><Icon name="clock" />{workflow.reason}</span>}
      </button>
    </li>
  );
}
