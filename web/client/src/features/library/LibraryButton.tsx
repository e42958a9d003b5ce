import { IconButton } from '../../ui/IconButton';
import { openLibrary } from './places';

/** Opens the tools; stands in the header and beside the words that are being written. */
export function LibraryButton({ label }: { label: string }) {
  return <IconButton icon="library" label={label} onClick={() => openLibrary()} />;
}
