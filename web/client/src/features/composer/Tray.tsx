import { contentUrl } from '../../api/client';
import { IconButton } from '../../ui/IconButton';
import { remove, type Attachment } from './attachments';
import { attachments, replyTo } from './draft';

/** What goes along with the words: the picture they are about, and the files that are brought. */
export function Tray() {
  const about = replyTo.value;
  if (!about && attachments.value.length === 0) return null;
  return (
    <ul class="tray" aria-label="Goes along">
      {about && (
        <li class="tray-about">
          <img src={contentUrl(about.assetId)} alt="" />
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
      <img src={file.thumb} alt={file.name} />
      {file.state === 'uploading' && (
        <progress class="tray-progress" max={100} value={percent} aria-label={`Uploading ${file.name}`} />
      )}
      <IconButton icon="close" label={`Remove ${file.name}`} onClick={() => remove(file.key)} />
    </li>
  );
}
