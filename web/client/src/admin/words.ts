/** `12 s`, `3 min`, `2 h`, `4 d`: the largest unit that says enough. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return `${s} s`;
  if (s < 100 * 60) return `${Math.round(s / 60)} min`;
  if (s < 48 * 3600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}

/** How long ago, or in how long. */
export function when(moment: string | null, now: number): string {
  if (!moment) return 'never';
  const seconds = (Date.parse(moment) - now) / 1000;
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}
