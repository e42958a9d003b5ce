/** Arrows walk from the search field through the rows and back; the keys of the list, for whoever types. */
export function moved(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const here = event.target as HTMLElement;
  if (!step || !here.matches('input[type=search], [data-row]')) return;
  const list = event.currentTarget as HTMLElement;
  const stops = [...list.querySelectorAll<HTMLElement>('input[type=search], [data-row]')];
  const next = stops[stops.indexOf(here) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
