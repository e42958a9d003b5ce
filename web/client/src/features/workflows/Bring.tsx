import { useRef } from 'preact/hooks';
import { Icon } from '../../ui/Icon';
import { takeWorkflow } from './offered';

/** Chooses a workflow's file. */
export function Bring() {
  const picker = useRef<HTMLInputElement>(null);
  const onPicked = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = '';
    if (file) takeWorkflow(file);
  };
  return (
    <>
      <button type="button" class="button button-main" onClick={() => picker.current?.click()}><Icon name="upload" />Bring a workflow</button>
      <input ref={picker} class="hidden-visually workflow-file" type="file" accept=".json,application/json,image/png,image/webp,video/*,audio/*" tabIndex={-1} aria-hidden="true" onChange={(event) => onPicked(event.currentTarget)} />
    </>
  );
}
