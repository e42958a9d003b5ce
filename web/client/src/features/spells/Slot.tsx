import { useRef, useState } from 'preact/hooks';
import { contentUrl } from '../../api/client';
import type { Port } from '../../api/types';
import { uploadAsset } from '../../api/upload';
import { label } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { attempt } from '../library/notice';
import { view } from '../stream/session';
import { portWords } from '../tools/sorting';
import type { Filling } from './casting';
import { candidates } from './candidates';

interface Props {
  name: string;
  port: Port;
  filling: Filling | undefined;
  onFill: (filling: Filling) => void;
  /** +1 when an upload begins, -1 when it ends. */
  onBusy: (by: 1 | -1) => void;
}

/** A place for a picture: one of the conversation's, or a file of one's own. */
export function Slot({ name, port, filling, onFill, onBusy }: Props) {
  const [brought, setBrought] = useState<Filling[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const known = candidates(view.value, port.kind);
  const bring = async (file: File | undefined) => {
    if (!file) return;
    onBusy(1);
    const asset = await attempt(() => uploadAsset(file, () => undefined).done);
    onBusy(-1);
    if (!asset) return;
    const filling = { assetId: asset.id, handle: null };
    setBrought((before) => [filling, ...before]);
    onFill(filling);
  };
  return (
    <fieldset class="slot">
      <legend>{label(name)} <small>{port.description || portWords(port)}</small></legend>
      <div class="slot-choices">
        {[...brought, ...known].map((each) => (
          <label class="slot-choice" key={each.assetId} title={each.handle ?? 'Yours'}>
            <input type="radio" name={`slot-${name}`} checked={filling?.assetId === each.assetId} onChange={() => onFill(each)} />
            {port.kind === 'image' || port.kind === 'mask' ? <img src={contentUrl(each.assetId)} alt={each.handle ?? 'What you brought'} /> : <span class="slot-name">{each.handle ?? 'Yours'}</span>}
            {each.handle && <span class="badge">{each.handle}</span>}
          </label>
        ))}
        <button type="button" class="slot-bring" onClick={() => picker.current?.click()}><Icon name="attach" />Bring one</button>
      </div>
      <input ref={picker} class="hidden-visually" type="file" tabIndex={-1} aria-hidden="true" onChange={(event) => { void bring(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
    </fieldset>
  );
}
