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

interface Setback { at: string; instance: string; fault: string; code: string; submitted: boolean }

/** One attempt that failed: where, when, with what, and whose fault it was. */
export function mishap({ at, instance, fault, code, submitted }: Setback, now: number): string {
  return `${instance}, ${when(at, now)}: ${code}${code.startsWith(fault) ? '' : ` (${fault})`}${submitted ? '' : ', before it was sent'}`;
}
