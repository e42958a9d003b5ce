import { useState } from 'preact/hooks';
import { forkSharedWorkflow, lookAtSharedWorkflow } from '../../api/workflows';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { go, openLibrary } from '../library/places';
import { About } from './About';

/** What somebody gave the link of. */
export function SharedWorkflow({ token }: { token: string }) {
  const { value: workflow, fault } = useLoaded(() => lookAtSharedWorkflow(token), token);
  const [busy, setBusy] = useState(false);
  if (!workflow) return <Loading fault={fault} />;
  const use = async () => {
    setBusy(true);
    const made = await attempt(() => forkSharedWorkflow(token));
    setBusy(false);
    if (!made) return;
    openLibrary({ view: 'workflows' });
    go({ view: 'workflow', id: made.id });
    tell(`${made.title} is among your tools now.`);
  };
  return (
    <article class="tool-page">
      <h1>{workflow.title}</h1>
      <p class="tool-description">Somebody shared this workflow with you. {workflow.description}</p>
      {workflow.reason && <p class="gap"><Icon name="clock" /><span>Does not run now: {workflow.reason}.</span></p>}
      <div class="page-buttons"><button type="button" class="button button-main" disabled={busy} onClick={() => void use()}>Use it</button></div>
      <About workflow={workflow} />
    </article>
  );
}
