import { useState } from 'preact/hooks';
import { contentUrl } from '../../api/client';
import type { Asset } from '../../api/types';
import { bytes } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { useInNext } from '../composer/draft';
import { sendWords } from '../composer/send';
import { assets } from '../stream/session';
import type { OutputView, TurnView } from '../stream/view';
import { figureId } from './figures';
import { Frame } from './Frame';
import { HandleLink } from './HandleLink';
import { parentsOf } from './lineage';
import { openLightbox } from './lightbox-state';
import { altText, fileName } from './naming';

interface Props {
  turn: TurnView;
  output: OutputView;
  aspect: number;
  /** One of several: small next steps under each picture. */
  quick: boolean;
}

export function Figure({ turn, output, aspect, quick }: Props) {
  const { asset, handle } = output;
  const shape = asset.kind === 'audio' || asset.kind === 'text' ? 6 : aspect;
  return (
    <figure class="figure" id={figureId(handle)} style={{ '--aspect': String(shape) }}>
      <Frame aspect={shape}>
        <Media asset={asset} alt={altText(output, turn)} onOpen={() => openLightbox(handle)} />
        <span class="badge badge-handle">{handle}</span>
        {asset.sketch && <span class="badge badge-sketch" title="Procedural sketch: no GPU is connected">sketch</span>}
      </Frame>
      <figcaption>
        <Facts asset={asset} turn={turn} />
        <span class="figure-buttons">
          {quick && <Quick assetId={asset.id} handle={handle} />}
          <IconButton icon="use" label={`Use ${handle} in next message`} onClick={() => useInNext(asset.id, handle)} />
          <a class="icon-button" href={contentUrl(asset.id)} download={fileName(asset, handle)} title={`Download ${handle}`} aria-label={`Download ${handle}`}>
            <Icon name="download" />
          </a>
        </span>
      </figcaption>
    </figure>
  );
}

function Facts({ asset, turn }: { asset: Asset; turn: TurnView }) {
  const parents = parentsOf(asset, turn.plan, assets.value);
  return (
    <span class="figure-facts">
      {asset.width && asset.height && <span>{asset.width} × {asset.height}</span>}
      <span>{bytes(asset.bytes)}</span>
      {parents.map((parent) => <span key={parent.assetId}>from <HandleLink handle={parent.handle} /></span>)}
    </span>
  );
}

function Media({ asset, alt, onOpen }: { asset: Asset; alt: string; onOpen: () => void }) {
  const [gone, setGone] = useState(false);
  const source = contentUrl(asset.id);
  if (gone) return <p class="frame-gone">This result is no longer there.</p>;
  if (asset.kind === 'video') return <video src={source} controls loop playsInline aria-label={alt} onError={() => setGone(true)} />;
  if (asset.kind === 'audio') return <audio src={source} controls aria-label={alt} onError={() => setGone(true)} />;
  if (asset.kind === 'text' || asset.kind === 'model3d') return <a class="frame-gone" href={source} target="_blank" rel="noopener">Open {asset.media_type}</a>;
  return (
    <button type="button" class="frame-open" onClick={onOpen} title="Look at it large">
      <Arriving source={source} alt={alt} onGone={() => setGone(true)} />
    </button>
  );
}

/** The finished picture fades in over whatever is behind it, once it is decoded. */
function Arriving({ source, alt, onGone }: { source: string; alt: string; onGone: () => void }) {
  const [shown, setShown] = useState(false);
  return <img class={shown ? 'picture is-shown' : 'picture'} src={source} alt={alt} draggable={false} decoding="async" onLoad={() => setShown(true)} onError={onGone} />;
}

function Quick({ assetId, handle }: { assetId: string; handle: string }) {
  const reply = { replyTo: { assetId, handle } };
  return (
    <>
      <button type="button" class="quick" onClick={() => void sendWords('variations of this', reply)} aria-label={`Variations of ${handle}`}>Vary</button>
      <button type="button" class="quick" onClick={() => void sendWords('upscale it 2x', reply)} aria-label={`Upscale ${handle} twice`}>2×</button>
    </>
  );
}
