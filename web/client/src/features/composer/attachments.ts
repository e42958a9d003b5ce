import { faultOf, Problem } from '../../api/problem';
import type { Asset, Fault } from '../../api/types';
import { uuid } from '../../api/ids';
import { uploadAsset } from '../../api/upload';
import { attachments, fault, focusComposer } from './draft';

export interface Attachment {
  key: string;
  name: string;
  /** An object URL of the local file: the thumbnail is there at once. */
  thumb: string;
  state: 'uploading' | 'ready';
  fraction: number;
  asset: Asset | null;
  abort: () => void;
}

export const MAX_BYTES = 50 * 1024 * 1024;

/** Starts an upload for each picture among the files; what cannot be taken is said, and the rest goes on. */
export function attach(files: Iterable<File>): void {
  fault.value = null;
  for (const file of files) {
    const refused = refuse(file);
    if (refused) fault.value = refused;
    else begin(file);
  }
  focusComposer();
}

/** What we can know before sending a byte; the server judges the content. */
export function refuse(file: { name: string; type: string; size: number }): Fault | null {
  if (file.type && !file.type.startsWith('image/')) {
    return { code: 'not_a_picture', message: `“${file.name}” is not a picture.`, action: 'Attach a PNG, JPEG or WebP.' };
  }
  if (file.size === 0) return { code: 'empty_file', message: `“${file.name}” is empty.`, action: 'Choose another file.' };
  if (file.size > MAX_BYTES) {
    return { code: 'too_large', message: `“${file.name}” is larger than 50 MB.`, action: 'Save it smaller and attach it again.' };
  }
  return null;
}

export function remove(key: string): void {
  const found = attachments.value.find((file) => file.key === key);
  if (!found) return;
  found.abort();
  URL.revokeObjectURL(found.thumb);
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
  const thumb = URL.createObjectURL(file);
  attachments.value = [...attachments.value, { key, name: file.name, thumb, state: 'uploading', fraction: 0, asset: null, abort }];
  done.then(
    (asset) => patch(key, { state: 'ready', fraction: 1, asset }),
    (error: unknown) => fail(key, error),
  );
}

function fail(key: string, error: unknown): void {
  if (error instanceof Problem && error.code === 'aborted') return;
  fault.value = faultOf(error);
  remove(key);
}

function patch(key: string, change: Partial<Attachment>): void {
  attachments.value = attachments.value.map((file) => (file.key === key ? { ...file, ...change } : file));
}
