import { FaultNote } from '../../ui/FaultNote';
import { IconButton } from '../../ui/IconButton';
import { dismiss, toast } from './toast';

export function Toast() {
  if (!toast.value) return null;
  return (
    <div class="toast">
      <FaultNote fault={toast.value}><IconButton icon="close" label="Dismiss" onClick={dismiss} /></FaultNote>
    </div>
  );
}
