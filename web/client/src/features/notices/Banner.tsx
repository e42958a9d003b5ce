import './notices.css';
import { signal } from '@preact/signals';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { info } from './capabilities';

/** For this visit only: the next one says it again. */
const dismissed = signal(false);

/** Says honestly what the pictures are made with. */
export function Banner() {
  const image = info.value?.capabilities['image'];
  if (!image || image.status === 'real' || dismissed.value) return null;
  return (
    <aside class="banner" aria-label="About this studio">
      <Icon name="info" />
      <p>
        {image.status === 'sketch' ? (
          <><b>Sketch preview – no GPU is connected.</b> Pictures are procedural sketches; connect a ComfyUI or a GPU for real renders.</>
        ) : (
          <><b>Pictures cannot be made right now.</b> {image.reason}</>
        )}
      </p>
      <IconButton icon="close" label="Dismiss" onClick={() => (dismissed.value = true)} />
    </aside>
  );
}
