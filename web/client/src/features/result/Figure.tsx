import { useState } from 'preact/hooks';
import { contentUrl } from '../../api/client';
import type { Asset } from '../../api/types';
import { bytes, clock } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { useInNext } from '../composer/draft';
import { sendWords } from '../composer/send';
import { assets, isDeleted } from '../stream/session';
import { SaveButton } from '../spells/SaveButton';
import type { OutputView, TurnView } from '../stream/view';
import { figureId } from './figures';
import { Frame } from './Frame';
import { HandleLink } from './HandleLink';
import { parentsOf } from './lineage';
import { openLightbox } from './lightbox-state';
import { altText, fileName } from './naming';
import { leaving } from './removing';
import { Asking, Leaving } from './Leaving';
import { Film, Model, Sound, Words } from './Players';

/** Width over height of what has no size of its own; a text is as tall as its words. */
const SHAPES: Partial<Record<Asset['kind'], number>> = { audio: 4, model3d: 3 };

interface Props {
  turn: TurnView;
  output: OutputView;
  aspect: number;
  /** One of several: small next steps under each picture. */
  quick: boolean;
}

export function Figure({ turn, output, aspect, quick }: Props) {
  const { asset, handle } = output;
  const shape = SHAPES[asset.kind] ?? aspect;
  const [asking, setAsking] = useState(false);
  if (leaving.value.has(asset.id)) return <Leaving id={asset.id} handle={handle} />;
  if (isDeleted(turn.id, asset.id)) return <Deleted handle={handle} />;
  return (
    <figure class="figure" id={figureId(handle)} style={{ '--aspect': String(shape) }}>
      <Frame aspect={shape}>
        <Media asset={asset} alt={altText(output, turn)} onOpen={() => openLightbox(handle)} />
        <span class="badge badge-handle">{handle}</span>
        {asset.sketch && <span class="badge badge-sketch" title="Procedural sketch: no GPU is connected">sketch</span>}
      </Frame>
      {asking ? <Asking id={asset.id} handle={handle} onKeep={() => setAsking(false)} /> : (
        <figcaption>
          <Facts asset={asset} turn={turn} unfinished={output.unfinished} />
          <Buttons turn={turn} output={output} quick={quick} onDelete={() => setAsking(true)} />
        </figcaption>
      )}
    </figure>
  );
}

function Buttons({ turn, output: { asset, handle }, quick, onDelete }: Omit<Props, 'aspect'> & { onDelete: () => void }) {
  return (
    <span class="figure-buttons">
      {quick && <Quick assetId={asset.id} handle={handle} />}
      <SaveButton turn={turn} handle={handle} />
      <IconButton icon="use" label={`Use ${handle} in next message`} onClick={() => useInNext(asset.id, handle)} />
      <a class="icon-button" href={contentUrl(asset.id)} download={fileName(asset, handle)} title={`Download ${handle}`} aria-label={`Download ${handle}`}>
        <Icon name="download" />
      </a>
      <IconButton icon="trash" class="figure-trash" label={`Delete ${handle}`} onClick={onDelete} />
    </span>
  );
}

/** What was deleted leaves its name behind, which later words may call. */
function Deleted({ handle }: { handle: string }) {
  return (
    <figure class="figure figure-deleted" id={figureId(handle)}>
      <Icon name="trash" /> <span><b>{handle}</b> was deleted.</span>
    </figure>
  );
}

function Facts({ asset, turn, unfinished }: { asset: Asset; turn: TurnView; unfinished: boolean }) {
  const parents = parentsOf(asset, turn.plan, assets.value);
  return (
    <span class="figure-facts">
      {asset.width && asset.height && <span>{asset.width} × {asset.height}</span>}
      {asset.duration_s && <span>{clock(asset.duration_s)}</span>}
      <span>{bytes(asset.bytes)}</span>
      {unfinished && <span>finished before the cancel</span>}
      {parents.map((parent) => <span key={parent.assetId}>from <HandleLink handle={parent.handle} /></span>)}
    </span>
  );
}

function Media({ asset, alt, onOpen }: { asset: Asset; alt: string; onOpen: () => void }) {
  const [gone, setGone] = useState(false);
  const source = contentUrl(asset.id);
  const lost = () => setGone(true);
  if (gone) return <p class="frame-gone">This result is no longer there, or this browser cannot show it. Download it to see.</p>;
  if (asset.kind === 'video' && asset.media_type.startsWith('video/')) return <Film asset={asset} alt={alt} onGone={lost} />;
  if (asset.kind === 'audio') return <Sound asset={asset} alt={alt} onGone={lost} />;
  if (asset.kind === 'text') return <Words source={source} alt={alt} onGone={lost} />;
  if (asset.kind === 'model3d') return <Model asset={asset} />;
  return (
    <button type="button" class="frame-open" onClick={onOpen} title="Look at it large">
      <Arriving source={source} alt={alt} onGone={lost} />
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
      <button type="button" class="quick" onClick={() => sendWords('variations of this', reply)} aria-label={`Variations of ${handle}`}>Vary</button>
      <button type="button" class="quick" onClick={() => sendWords('upscale it 2x', reply)} aria-label={`Upscale ${handle} twice`}>2×</button>
    </>
  );
}
