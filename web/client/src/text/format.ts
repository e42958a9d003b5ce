import type { Estimate, Range } from '../api/types';

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 999_500) return `${Math.round(count / 1000)} kB`;
  if (count < 999_950_000) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(1)} GB`;
}

/** 0.4 -> "under 1 s", 3.2 -> "3 s", 75 -> "1 min 15 s", 4000 -> "1 h 7 min". */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join(Math.floor(whole / 60), 'min', whole % 60, 's');
  return join(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

/** 75 -> "1:15": how long something plays. */
export function clock(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const join = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small ? `${big} ${bigUnit} ${small} ${smallUnit}` : `${big} ${bigUnit}`;

/** A range of seconds as a person would say it: "about 3 s", "2 – 8 s", "1 min – 2 min 30 s". */
export function span([low, high]: Range): string {
  if (high < 1) return 'under 1 s';
  const [from, to] = [duration(low), duration(high)];
  if (from === to || high - low <= 2) return `about ${duration(Math.max(1, (low + high) / 2))}`;
  if (low < 1) return `up to ${to}`;
  if (high < 60) return `${Math.round(low)} – ${to}`;
  return `${from} – ${to}`;
}

export function credits([low, high]: Range): string {
  if (high <= 0) return 'free';
  const [from, to] = [amount(low), amount(high)];
  if (from === to) return `${to} ${to === '1' ? 'credit' : 'credits'}`;
  return `${from} – ${to} credits`;
}

const amount = (value: number): string => String(Math.round(value * 10) / 10);

export const estimate = (value: Estimate): string => `${credits(value.credits)} · ${span(value.seconds)}`;

/** A parameter's name as a label: "cfg_scale" -> "cfg scale". */
export const label = (name: string): string => name.replace(/[_-]+/g, ' ');

export function paramValue(value: unknown): string {
  if (value === null || value === undefined) return '–';
  // A seed is any integer up to 2^53 - 1: scaling it for the rounding would change it.
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Math.round(value * 1000) / 1000);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** "just now", "5 min", "3 h", then a date: how long ago, for a list. */
export function ago(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
