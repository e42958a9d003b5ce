import { thumbnailUrl } from '../../api/client';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { remove, unshown, type Attachment } from './attachments';
import { attachments, replyTo } from './draft';

/** What goes along with the words: the picture they are about, and the files that are brought. */
export function Tray() {
  const about = replyTo.value;
  if (!about && attachments.value.length === 0) return null;
  return (
    <ul class="tray" aria-label="Goes along">
      {about && (
        <li class="tray-about">
          <img src={thumbnailUrl(about.assetId)} alt="" onError={(event) => (event.currentTarget.hidden = true)} />
          <span>About <b>{about.handle}</b></span>
          <IconButton icon="close" label={`Not about ${about.handle}`} onClick={() => (replyTo.value = null)} />
        </li>
      )}
      {attachments.value.map((file) => <TrayFile key={file.key} file={file} />)}
    </ul>
  );
}

function TrayFile({ file }: { file: Attachment }) {
  const percent = Math.round(file.fraction * 100);
  return (
    <li class="tray-file">
      {file.thumb ? <img src={file.thumb} alt={file.name} onError={() => unshown(file.key)} /> : <FileTile file={file} />}
      {file.state === 'uploading' && (
        <progress class="tray-progress" max={100} value={percent} aria-label={`Uploading ${file.name}`} />
      )}
      <IconButton icon="close" label={`Remove ${file.name}`} onClick={() => remove(file.key)} />
    </li>
  );
}

/** What has no picture yet; of a video, one comes when it has arrived. */
function FileTile({ file }: { file: Attachment }) {
  const poster = file.asset && (file.asset.kind === 'video' || file.asset.kind === 'image') ? thumbnailUrl(file.asset.id) : null;
  if (poster) return <img src={poster} alt={file.name} />;
  return (
    <span class="tray-tile" title={file.name}>
      <Icon name={file.icon} />
      {file.kind && <span>{file.kind}</span>}
      <span>{file.name}</span>
    </span>
  );
}
