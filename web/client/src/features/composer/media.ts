import type { IconName } from '../../ui/Icon';

const MB = 1024 * 1024;

interface Kind {
  icon: IconName;
  most: number;
  limit: string;
}

const LARGE = { most: 2048 * MB, limit: '2 GB' };
const MODEL: Kind = { icon: 'cube', ...LARGE };
const UNKNOWN: Kind = { icon: 'file', ...LARGE };

/** What may be attached, with its most bytes; the server judges the content and has the last word. */
const KINDS: [RegExp, Kind][] = [
  [/^image\//, { icon: 'photo', most: 50 * MB, limit: '50 MB' }],
  [/^video\//, { icon: 'film', ...LARGE }],
  [/^audio\//, { icon: 'sound', ...LARGE }],
  [/^model\//, MODEL],
  [/^text\/|^application\/json$/, { icon: 'file', most: MB, limit: '1 MB' }],
];
const MODELS = /\.(glb|gltf|obj|ply|stl)$/i;

export const ACCEPT = 'image/*,video/*,audio/*,text/plain,.md,.json,.glb,.gltf,.obj,.ply,.stl';

/** Null for what no tool can use. A file without a type is tried: the browser does not know every one. */
export function kindOfFile({ name, type }: { name: string; type: string }): Kind | null {
  if (MODELS.test(name)) return MODEL;
  if (!type) return UNKNOWN;
  return KINDS.find(([matches]) => matches.test(type))?.[1] ?? null;
}

/** Whether these first bytes are words: a text may bear the name of a picture. */
export function looksLikeText(first: Uint8Array): boolean {
  if (first.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true }); // the last letter may be cut
    return first.length > 0;
  } catch {
    return false;
  }
}

/** Whether the browser can show the local file as a picture at once. */
export const isPicture = ({ type }: { type: string }): boolean => type.startsWith('image/');

/** A drawing is written in words. */
export const isDrawing = ({ type }: { type: string }): boolean => type.startsWith('image/svg');
