import { API, call } from './http';
import { uuid } from './ids';
import { parseProblem, unreachable } from './problem';
import type { Page, Sharing, Visibility, Workflow, WorkflowDraft, WorkflowHead } from './types';

const at = (id: string, more = ''): string => `/workflows/${encodeURIComponent(id)}${more}`;
const shared = (token: string, more = ''): string => `/shared/workflows/${encodeURIComponent(token)}${more}`;

export interface NewWorkflow {
  workflow: WorkflowDraft['workflow'];
  title: string;
  description?: string;
  examples?: string[];
}

/** What a file's workflow would be as a tool; nothing is kept. Throws Problem. */
export async function draftFile(file: File): Promise<WorkflowDraft> {
  const form = new FormData();
  form.append('file', file, file.name || 'workflow.json');
  const headers = { Accept: 'application/json', 'Idempotency-Key': uuid() };
  const response = await fetch(`${API}/workflows/draft/file`, { method: 'POST', body: form, headers, credentials: 'same-origin' }).catch(() => null);
  if (!response) throw unreachable();
  const body = await response.text();
  if (!response.ok) throw parseProblem(response.status, body, response.headers.get('Retry-After'));
  return JSON.parse(body) as WorkflowDraft;
}

export const listWorkflows = (cursor: string | null) => call<Page<WorkflowHead>>('GET', cursor ? `/workflows?after=${encodeURIComponent(cursor)}` : '/workflows');
export const keepWorkflow = (made: NewWorkflow) => call<Workflow>('POST', '/workflows', made);
export const getWorkflow = (id: string) => call<Workflow>('GET', at(id));
export const exportWorkflow = (id: string) => call<object>('GET', at(id, '/export'));
export const deleteWorkflow = (id: string) => call<void>('DELETE', at(id));
export const shareWorkflow = (id: string, visibility: Visibility) => call<{ visibility: Workflow['visibility']; link: Sharing['link'] }>('POST', at(id, '/share'), { visibility });
export const lookAtSharedWorkflow = (token: string) => call<Workflow>('GET', shared(token));
export const forkSharedWorkflow = (token: string) => call<Workflow>('POST', shared(token, '/fork'), {});
