import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../ui/Icon';
import { figureId } from './figures';
import { remove, undo } from './removing';

interface Named {
  id: string;
  handle: string;
}

/** In place of a result's buttons: is it meant? Escape and the first focus keep it. */
export function Asking({ id, handle, onKeep }: Named & { onKeep: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onKeep();
  };
  const onDelete = () => {
    onKeep(); // so that an undo brings the buttons back, not the question
    remove(id);
  };
  return (
    <div class="figure-asking" role="alertdialog" aria-label={`Delete ${handle}?`} onKeyDown={onKey}>
      <p>Delete {handle} and its bytes?</p>
      <button type="button" class="button button-small figure-delete" onClick={onDelete}>Delete</button>
      <button ref={keep} type="button" class="button button-small button-quiet" onClick={onKeep}>Keep</button>
    </div>
  );
}

/** In place of a result that goes in some seconds. */
export function Leaving({ id, handle }: Named) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus({ preventScroll: true }), []);
  const onUndo = () => {
    undo(id);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`#${figureId(handle)} .figure-trash`)?.focus());
  };
  return (
    <figure class="figure figure-deleted" id={figureId(handle)}>
      <Icon name="trash" /> <span role="status"><b>{handle}</b> is being deleted.</span>
      <button ref={back} type="button" class="button button-small button-quiet" aria-label={`Undo deleting ${handle}`} onClick={onUndo}>Undo</button>
    </figure>
  );
}
