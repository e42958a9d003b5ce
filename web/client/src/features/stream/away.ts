import { computed, effect, signal } from '@preact/signals';
import { conversationId, link, loadFault } from './session';

const PATIENCE_MS = 1200;

const patient = signal(true);
const broken = computed(() => conversationId.value !== null && link.value === 'reconnecting' && loadFault.value === null);

/** The stream is away for longer than a blink: what the page shows may be out of date. */
export const away = computed(() => broken.value && !patient.value);

export function watchAway(): void {
  effect(() => {
    patient.value = true;
    if (!broken.value) return;
    const timer = setTimeout(() => (patient.value = false), PATIENCE_MS);
    return () => clearTimeout(timer);
  });
}
