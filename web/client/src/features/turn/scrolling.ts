import { signal } from '@preact/signals';
import { createRef } from 'preact';

export const scroller = createRef<HTMLElement>();
/** True while the end of the conversation is in sight (or close): then new things keep it in sight. */
export const atEnd = signal(true);

const NEAR_PX = 120;

/** Keeps the end in sight; `always` for the person's own message, else only if it was in sight. */
export function follow(always: boolean): void {
  const pane = scroller.current;
  if (pane && (always || atEnd.peek())) pane.scrollTop = pane.scrollHeight;
}

export function toTop(): void {
  if (scroller.current) scroller.current.scrollTop = 0;
}

export function toEnd(): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: calm ? 'auto' : 'smooth' });
}

/** Watches where the person is, and follows growth that no event announces (a thumbnail that loads, a rotated phone). */
export function watchScroll(): () => void {
  const pane = scroller.current!;
  let before = pane.scrollTop;
  // Growth leaves the end behind without anybody scrolling: only a move upwards is a wish to stay there.
  const onScroll = () => {
    const near = pane.scrollHeight - pane.scrollTop - pane.clientHeight < NEAR_PX;
    if (near || pane.scrollTop < before) atEnd.value = near;
    before = pane.scrollTop;
  };
  const growth = new ResizeObserver(() => { if (pane.querySelector('.turn')) follow(false); });
  growth.observe(pane);
  if (pane.firstElementChild) growth.observe(pane.firstElementChild);
  pane.addEventListener('scroll', onScroll, { passive: true });
  return () => {
    growth.disconnect();
    pane.removeEventListener('scroll', onScroll);
  };
}
