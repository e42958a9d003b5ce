import { signal } from '@preact/signals';
import { openLibrary, place, tabOf } from '../library/places';

/** The file that somebody brought as a workflow. */
export const offered = signal<File | null>(null);

/** Takes a file that is a workflow: any JSON, and whatever is brought while the workflows are open. False: it is none. */
export function takeWorkflow(file: File): boolean {
  const meant = place.value !== null && tabOf(place.value) === 'workflows';
  if (!meant && !isJson(file)) return false;
  offered.value = file;
  openLibrary({ view: 'draft' });
  return true;
}

export const isJson = ({ name, type }: Pick<File, 'name' | 'type'>): boolean => type === 'application/json' || /\.json$/i.test(name);
