import type { Port, ToolHead } from '../../api/types';

export interface Family {
  name: string;
  count: number;
}

/** The families of what is listed, the largest first. */
export function families(items: readonly ToolHead[]): Family[] {
  const counts = new Map<string, number>();
  for (const { family } of items) counts.set(family, (counts.get(family) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** What runs now, and what lacks something; each in the order in which it came. */
export function split(items: readonly ToolHead[], family: string | null): { now: ToolHead[]; later: ToolHead[] } {
  const shown = family === null ? items : items.filter((tool) => tool.family === family);
  return { now: shown.filter((tool) => tool.available), later: shown.filter((tool) => !tool.available) };
}

const KINDS: Record<string, readonly [one: string, many: string]> = {
  image: ['picture', 'pictures'], mask: ['mask', 'masks'], video: ['video', 'videos'], audio: ['sound', 'sounds'], text: ['text', 'texts'], model3d: ['3D model', '3D models'],
};

/** How many of what a port takes: "a picture", "2 – 4 pictures", "a mask, if you like". */
export function portWords({ kind, count: [least, most] }: Port): string {
  const [one, many] = KINDS[kind] ?? [kind, kind];
  const words = most <= 1 ? `a ${one}` : least === most ? `${most} ${many}` : `${Math.max(1, least)} – ${most} ${many}`;
  return least === 0 ? `${words}, if you like` : words;
}

/** "words → picture", "picture, mask → video": what goes in and what comes out, for a line in a list. */
export function flow(tool: Pick<ToolHead, 'inputs' | 'outputs'>): string {
  const names = (ports: Record<string, Port>) => [...new Set(Object.values(ports).map(({ kind }) => (KINDS[kind] ?? [kind])[0]))];
  return `${names(tool.inputs).join(', ') || 'words'} → ${names(tool.outputs).join(', ')}`;
}

/** "1 to 60", "at least 2", "": the range of a number. */
export function rangeWords(low: number | null, high: number | null): string {
  if (low !== null && high !== null) return high > 1e9 ? '' : `${low} to ${high}`;
  if (low !== null) return `at least ${low}`;
  return high === null ? '' : `at most ${high}`;
}
