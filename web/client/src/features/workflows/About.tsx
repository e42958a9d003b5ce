import type { Workflow } from '../../api/types';
import { Parameters, Ports } from '../tools/Facts';
import { Models } from '../tools/Models';

/** What a workflow takes, gives, lets one set and needs. */
export function About({ workflow }: { workflow: Workflow }) {
  return (
    <>
      <div class="tool-ports">
        <Ports name="Takes" ports={workflow.inputs} words={'prompt' in workflow.params} />
        <Ports name="Gives" ports={workflow.outputs} words={false} />
      </div>
      <Parameters params={workflow.params} />
      <Models models={workflow.models} base={workflow.base} vram={workflow.vram_gb} />
    </>
  );
}
