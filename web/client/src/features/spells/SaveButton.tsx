import { IconButton } from '../../ui/IconButton';
import { openLibrary } from '../library/places';
import type { TurnView } from '../stream/view';
import { proposedName } from './naming';

/** On a result: how it was made, kept as a spell. */
export function SaveButton({ turn, handle }: { turn: TurnView; handle: string }) {
  return <IconButton icon="wand" label={`Save ${handle} as a spell`} onClick={() => openLibrary({ view: 'save', handle, title: proposedName(turn) })} />;
}
