import { signal } from '@preact/signals';
import { forget, recall, remember } from '../../ui/memory';

export type Theme = 'light' | 'dark';

const KEY = 'stationthis.theme';
const system = matchMedia('(prefers-color-scheme: light)');

const systemTheme = (): Theme => (system.matches ? 'light' : 'dark');
const stored = (): Theme | null => {
  const value = recall(KEY);
  return value === 'light' || value === 'dark' ? value : null;
};

export const theme = signal<Theme>(stored() ?? systemTheme());

/** The toggle remembers a wish only where it differs from the system's, so that following the system stays the rule. */
export function toggleTheme(): void {
  const next: Theme = theme.value === 'dark' ? 'light' : 'dark';
  if (next === systemTheme()) forget(KEY);
  else remember(KEY, next);
  apply(next);
}

export function followSystem(): void {
  apply(theme.value);
  system.addEventListener('change', () => stored() ?? apply(systemTheme()));
}

function apply(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset['theme'] = next;
}
