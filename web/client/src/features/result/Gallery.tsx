import './result.css';
import { assets } from '../stream/session';
import { runActive, type TurnView } from '../stream/view';
import { Figure } from './Figure';
import { Frame } from './Frame';
import { previewOf, slots } from './slots';

/** The turn's pictures: places kept while they render, then the pictures in those places. */
export function Gallery({ turn, latest }: { turn: TurnView; latest: boolean }) {
  const places = slots(turn, assets.value).filter((place) => place.output || runActive(turn.run));
  if (!places.length) return null;
  const many = places.length > 1;
  return (
    <div class={many ? 'gallery gallery-many' : 'gallery'}>
      {places.map((place) => {
        const preview = previewOf(place.stepId, turn.plan, turn.run?.previews ?? {});
        return place.output ? (
          <Figure key={place.key} turn={turn} output={place.output} aspect={place.aspect} quick={many && latest} />
        ) : (
          <Frame key={place.key} aspect={place.aspect} waiting preview={preview} />
        );
      })}
    </div>
  );
}
