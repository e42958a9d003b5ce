import { useState } from 'preact/hooks';
import { thumbnailUrl } from '../../api/client';
import { Icon } from '../../ui/Icon';
import { useInNext } from '../composer/draft';
import { figureId } from '../result/figures';

export interface SaidFile {
  assetId: string | null;
  handle: string | null;
  /** The local file while it is on its way. */
  thumb?: string | null;
}

/** What the person said and brought. */
export function Said({ text, files, pending = false }: { text: string; files: SaidFile[]; pending?: boolean }) {
  return (
    <div class={pending ? 'said is-pending' : 'said'}>
      {files.length > 0 && <div class="said-files">{files.map((file) => <SaidPicture key={file.assetId ?? file.thumb} file={file} />)}</div>}
      {text && <p class="said-words">{text}</p>}
    </div>
  );
}

function SaidPicture({ file }: { file: SaidFile }) {
  const [gone, setGone] = useState(false);
  const { assetId, handle } = file;
  const source = file.thumb ?? (assetId ? thumbnailUrl(assetId) : null);
  const name = handle ?? 'File';
  return (
    <figure class="said-picture figure" id={handle ? figureId(handle) : undefined}>
      <button type="button" class="frame" disabled={!assetId || !handle} title={`Use ${name} in next message`} aria-label={`Use ${name} in next message`} onClick={() => assetId && handle && useInNext(assetId, handle)}>
        {gone || !source ? <span class="frame-gone" title="There is no picture of this"><Icon name="file" /></span> : <img src={source} alt={`${name}, your file`} onError={() => setGone(true)} />}
        {handle && <span class="badge badge-handle">{handle}</span>}
      </button>
    </figure>
  );
}
