import { useLayoutEffect, useRef } from 'preact/hooks';
import { contentUrl } from '../../api/client';
import { bytes } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { useInNext } from '../composer/draft';
import { enlarged, pictures, step } from './lightbox-state';
import { altText, fileName } from './naming';

/** One picture on the whole screen. Esc closes, the arrows go to the picture before and after. */
export function Lightbox() {
  const dialog = useRef<HTMLDialogElement>(null);
  const at = pictures.value.findIndex(({ output }) => output.handle === enlarged.value);
  const shown = pictures.value[at];
  useLayoutEffect(() => {
    if (shown && !dialog.current?.open) dialog.current?.showModal();
    if (!shown && dialog.current?.open) dialog.current.close();
  }, [shown]);
  const close = () => (enlarged.value = null);
  return (
    <dialog ref={dialog} class="lightbox" aria-label="Picture" onClose={close} onKeyDown={onKey} onClick={(event) => isBackground(event) && close()}>
      {shown && (
        <div class="lightbox-stage">
          <Bar {...shown} onClose={close} />
          <div class="lightbox-picture">
            <img src={contentUrl(shown.output.asset.id)} alt={altText(shown.output, shown.turn)} />
            {at > 0 && <IconButton class="lightbox-side lightbox-prev" icon="left" label="Picture before" onClick={() => step(-1)} />}
            {at < pictures.value.length - 1 && <IconButton class="lightbox-side lightbox-next" icon="right" label="Next picture" onClick={() => step(1)} />}
          </div>
        </div>
      )}
    </dialog>
  );
}

type Shown = (typeof pictures.value)[number];

function Bar({ output: { asset, handle }, onClose }: Shown & { onClose: () => void }) {
  const use = () => {
    onClose();
    useInNext(asset.id, handle);
  };
  return (
    <div class="lightbox-bar">
      <strong>{handle}</strong>
      <span class="lightbox-facts">{asset.width && `${asset.width} × ${asset.height} · `}{bytes(asset.bytes)}{asset.sketch && ' · sketch'}</span>
      <IconButton icon="use" label={`Use ${handle} in next message`} onClick={use} />
      <a class="icon-button" href={contentUrl(asset.id)} download={fileName(asset, handle)} title="Download" aria-label={`Download ${handle}`}><Icon name="download" /></a>
      <IconButton icon="close" label="Close" onClick={onClose} />
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'ArrowLeft') step(-1);
  if (event.key === 'ArrowRight') step(1);
}

const isBackground = (event: MouseEvent): boolean =>
  event.target instanceof HTMLElement && (event.target.tagName === 'DIALOG' || event.target.classList.contains('lightbox-picture'));
