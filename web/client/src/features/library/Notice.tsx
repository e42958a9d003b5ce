import { FaultNote } from '../../ui/FaultNote';
import { IconButton } from '../../ui/IconButton';
import { failed, told } from './notice';

/** At the foot of the library: done, with a way to undo it, or why not. */
export function Notice() {
  const undo = told.value?.undo;
  return (
    <div class="library-notice" role="status">
      {told.value && (
        <p class="library-told">
          <span>{told.value.words}</span>
          {undo && <button type="button" class="button button-small" onClick={() => { told.value = null; undo(); }}>Undo</button>}
        </p>
      )}
      {failed.value && <FaultNote fault={failed.value}><IconButton icon="close" label="Dismiss" onClick={() => (failed.value = null)} /></FaultNote>}
    </div>
  );
}
