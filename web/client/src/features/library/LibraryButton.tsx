import { IconButton } from '../../ui/IconButton';
import { openLibrary } from './places';

/** Opens the tools; stands in the header and beside the words that are being written. */
export function LibraryButton({ label, class: extra = '' }: { label: string; class?: string }) {
  return <IconButton class={extra} icon="library" label={label} onClick={() => openLibrary()} />;
}
