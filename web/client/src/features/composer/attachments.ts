import { faultOf, Problem } from '../../api/problem';
import type { Asset, Fault } from '../../api/types';
import { uuid } from '../../api/ids';
import { uploadAsset } from '../../api/upload';
import type { IconName } from '../../ui/Icon';
import { takeWorkflow } from '../workflows/offered';
import { attachments, fault, focusComposer } from './draft';
import { isDrawing, isPicture, kindOfFile, looksLikeText } from './media';

/** Bytes of a file that show whether it is words. */
const LOOKED_AT = 512;

export interface Attachment {
  key: string;
  name: string;
  /** An object URL of a local picture: it is seen at once. Null for other files. */
  thumb: string | null;
  icon: IconName;
  /** What it is, where its name says something else. */
  kind: string | null;
  state: 'uploading' | 'ready';
  fraction: number;
  asset: Asset | null;
  abort: () => void;
}

/** Starts an upload for each of the files; what cannot be taken is said, and the rest goes on. */
export function attach(files: Iterable<File>): void {
  fault.value = null;
  const media = [...files].filter((file) => !takeWorkflow(file));
  for (const file of media) {
    const refused = refuse(file);
    if (refused) fault.value = refused;
    else begin(file);
  }
  if (media.length) focusComposer();
}

/** What we can know before sending a byte; the server judges the content. */
export function refuse(file: { name: string; type: string; size: number }): Fault | null {
  const kind = kindOfFile(file);
  if (!kind) {
    return { code: 'not_media', message: `“${file.name}” is neither picture, video, sound, 3D model nor text.`, action: 'Attach one of those.' };
  }
  if (file.size === 0) return { code: 'empty_file', message: `“${file.name}” is empty.`, action: 'Choose another file.' };
  if (file.size > kind.most) {
    return { code: 'too_large', message: `“${file.name}” is larger than ${kind.limit}.`, action: 'Save it smaller and attach it again.' };
  }
  return null;
}

export function remove(key: string): void {
  const found = attachments.value.find((file) => file.key === key);
  if (!found) return;
  found.abort();
  if (found.thumb) URL.revokeObjectURL(found.thumb);
  attachments.value = attachments.value.filter((file) => file.key !== key);
}

/** Empties the tray without ending anything: the files now belong to a message. */
export function release(): Attachment[] {
  const taken = attachments.value;
  attachments.value = [];
  return taken;
}

function begin(file: File): void {
  const key = uuid();
  const { done, abort } = uploadAsset(file, (fraction) => patch(key, { fraction }));
  const icon = kindOfFile(file)?.icon ?? 'file';
  attachments.value = [...attachments.value, { key, name: file.name, thumb: null, icon, kind: null, state: 'uploading', fraction: 0, asset: null, abort }];
  if (isPicture(file)) void look(key, file);
  done.then(
    (asset) => patch(key, { state: 'ready', fraction: 1, asset }),
    (error: unknown) => fail(key, error),
  );
}

/** Shows what is a picture, and says of what only has the name of one that it is a text. */
async function look(key: string, file: File): Promise<void> {
  const first = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
  if (!isDrawing(file) && looksLikeText(first)) return patch(key, { icon: 'file', kind: 'text' });
  if (attachments.value.some((known) => known.key === key)) patch(key, { thumb: URL.createObjectURL(file) });
}

/** What the browser cannot show after all. */
export function unshown(key: string): void {
  const found = attachments.value.find((file) => file.key === key);
  if (found?.thumb) URL.revokeObjectURL(found.thumb);
  patch(key, { thumb: null, icon: 'file' });
}

function fail(key: string, error: unknown): void {
  if (error instanceof Problem && error.code === 'aborted') return;
  fault.value = faultOf(error);
  remove(key);
}

function patch(key: string, change: Partial<Attachment>): void {
  attachments.value = attachments.value.map((file) => (file.key === key ? { ...file, ...change } : file));
}
