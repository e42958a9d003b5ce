import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { Icon } from '../../ui/Icon';
import { attach } from './attachments';

/** Depth of the drag: enter and leave fire for every element on the way. */
const depth = signal(0);

/** Files can be dropped anywhere on the page. */
export function DropZone() {
  useLayoutEffect(listen, []); // with the first paint: a file that is dropped at once is taken too
  if (depth.value === 0) return null;
  return (
    <div class="dropzone" aria-hidden="true">
      <div><Icon name="photo" /><p>Drop files to bring them along</p></div>
    </div>
  );
}

function listen(): () => void {
  const control = new AbortController();
  const on = (name: string, act: (event: DragEvent) => void) =>
    addEventListener(name, (event) => { if (hasFiles(event as DragEvent)) act(event as DragEvent); }, { signal: control.signal });
  on('dragenter', () => (depth.value += 1));
  on('dragleave', () => (depth.value = Math.max(0, depth.value - 1)));
  on('dragover', (event) => event.preventDefault());
  on('drop', (event) => {
    event.preventDefault();
    depth.value = 0;
    attach([...(event.dataTransfer?.files ?? [])]);
  });
  return () => control.abort();
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
