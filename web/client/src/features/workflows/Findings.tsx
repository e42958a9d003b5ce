import type { Finding } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { bySeverity } from './severity';

/** What was found in a workflow, what speaks against it first. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (!findings.length) return null;
  return (
    <section>
      <h2>Looked through</h2>
      <ul class="findings">
        {bySeverity(findings).map((found, index) => (
          <li key={index} class={`finding finding-${found.level}`}>
            <Icon name={found.level === 'note' ? 'info' : 'alert'} />
            <span>{found.message}{found.class_type && <small> {found.class_type}{found.node && `, node ${found.node}`}</small>}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
