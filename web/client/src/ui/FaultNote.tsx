import type { ComponentChildren } from 'preact';
import type { Fault } from '../api/types';
import { Icon } from './Icon';

/** A failure in plain words: what happened, what to do, and the code, small, for whoever is asked for help. */
export function FaultNote({ fault, children }: { fault: Fault; children?: ComponentChildren }) {
  return (
    <div class="fault" role="alert">
      <Icon name="alert" />
      <div class="fault-words">
        <p>{fault.message || 'This did not work.'}</p>
        {fault.action && <p class="fault-action">{fault.action}</p>}
        <p class="fault-code">{fault.code}</p>
      </div>
      {children && <div class="fault-buttons">{children}</div>}
    </div>
  );
}
