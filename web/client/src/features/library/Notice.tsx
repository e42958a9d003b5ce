import { FaultNote } from '../../ui/FaultNote';
import { IconButton } from '../../ui/IconButton';
import { failed, told } from './notice';
import { place } from './places';

/** At the foot of the library: done, with a way to undo it, or why not. */
export function Notice() {
  const said = told.value?.at === place.value ? told.value : null;
  const fault = failed.value?.at === place.value ? failed.value.fault : null;
  return (
    <div class="library-notice" role="status">
      {said && (
        <p class="library-told">
          <span>{said.words}</span>
          {said.undo && <button type="button" class="button button-small" onClick={() => { told.value = null; said.undo?.(); }}>Undo</button>}
        </p>
      )}
      {fault && <FaultNote fault={fault}><IconButton icon="close" label="Dismiss" onClick={() => (failed.value = null)} /></FaultNote>}
    </div>
  );
}
