import { useEffect, useState } from 'preact/hooks';
import { contentUrl, thumbnailUrl } from '../../api/client';
import type { Asset } from '../../api/types';
import { Icon } from '../../ui/Icon';

interface Props {
  asset: Asset;
  alt: string;
  onGone: () => void;
}

/** Its poster is there at once; the video itself is fetched when it is played. */
export function Film({ asset, alt, onGone }: Props) {
  return <video src={contentUrl(asset.id)} poster={thumbnailUrl(asset.id)} controls loop playsInline preload="none" aria-label={alt} onError={onGone} />;
}

/** The shape of the sound above its controls. */
export function Sound({ asset, alt, onGone }: Props) {
  return (
    <div class="frame-sound">
      <img src={thumbnailUrl(asset.id)} alt="" onError={(event) => (event.currentTarget.hidden = true)} />
      <audio src={contentUrl(asset.id)} controls preload="none" aria-label={alt} onError={onGone} />
    </div>
  );
}

const LONGEST = 20_000;

/** A text, to be read where it is; of a very long one its beginning. */
export function Words({ source, alt, onGone }: { source: string; alt: string; onGone: () => void }) {
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    const control = new AbortController();
    fetch(source, { signal: control.signal, headers: { Range: `bytes=0-${LONGEST - 1}` } })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
      .then(setWords, () => control.signal.aborted || onGone());
    return () => control.abort();
  }, [source]);
  return <pre class="frame-words" aria-label={alt} tabIndex={0}>{words ?? '…'}</pre>;
}

/** Nothing here can turn it; what it is made of is said, and it can be taken along. */
export function Model({ asset }: { asset: Asset }) {
  const { vertices, faces } = asset.facts as { vertices?: number; faces?: number };
  const said = [asset.media_type.split('/')[1], vertices && `${vertices.toLocaleString()} vertices`, faces && `${faces.toLocaleString()} faces`];
  return (
    <a class="frame-model" href={`${contentUrl(asset.id)}?download=true`}>
      <Icon name="cube" />
      <span><b>3D model</b><br />{said.filter(Boolean).join(' · ')}</span>
    </a>
  );
}
