import { assets } from '../stream/session';

export const figureId = (handle: string): string => `picture-${handle}`;

export const handleOnPage = (handle: string): boolean =>
  Object.values(assets.value).some((asset) => asset.handle === handle);

const LIT_MS = 1600;

/** Scrolls to a picture and lights it for a moment, so that the eye finds it. */
export function showFigure(handle: string): void {
  const found = document.getElementById(figureId(handle));
  if (!found) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  found.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'center' });
  found.classList.add('is-lit');
  setTimeout(() => found.classList.remove('is-lit'), LIT_MS);
  found.querySelector<HTMLElement>('button, a')?.focus({ preventScroll: true });
}
