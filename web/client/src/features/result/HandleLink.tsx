import { figureId, handleOnPage, showFigure } from './figures';

/** A1, A2 ...: goes to the picture and lights it up, also while the pointer rests on the name. */
export function HandleLink({ handle }: { handle: string }) {
  if (!handleOnPage(handle)) return <>{handle}</>;
  const light = (on: boolean) => document.getElementById(figureId(handle))?.classList.toggle('is-lit', on);
  return (
    <a
      class="handle-link"
      href={`#${figureId(handle)}`}
      onClick={(event) => {
        event.preventDefault();
        showFigure(handle);
      }}
      onPointerEnter={() => light(true)}
      onPointerLeave={() => light(false)}
    >
      {handle}
    </a>
  );
}
