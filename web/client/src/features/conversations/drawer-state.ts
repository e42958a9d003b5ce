import { computed, effect, signal } from '@preact/signals';
import { debounced } from '../../ui/debounce';
import { recall, remember } from '../../ui/memory';
import { conversationId, lastTurn } from '../stream/session';
import { marks, refreshList } from './list';
import { foremost } from './marks';

const KEY = 'stationthis.drawer';
const wide = matchMedia('(min-width: 1024px)');

/** On a wide page the drawer stands beside the conversation and is remembered; else it lies over it. */
export const overlay = signal(!wide.matches);
export const drawerOpen = signal(wide.matches && recall(KEY) !== 'closed');

export function toggleDrawer(): void {
  drawerOpen.value = !drawerOpen.value;
  if (!overlay.value) remember(KEY, drawerOpen.value ? 'open' : 'closed');
}

export function closeOverlay(): void {
  if (overlay.value) drawerOpen.value = false;
}

export function watchDrawer(): void {
  wide.addEventListener('change', () => {
    overlay.value = !wide.matches;
    drawerOpen.value = wide.matches && recall(KEY) !== 'closed';
  });
  // The list is read again when it comes into sight, and when a conversation is opened or a turn begins or ends (then
  // it gets its name); in between only while another conversation is at work.
  effect(() => {
    void drawerOpen.value;
    if (moment.value) refreshSoon();
  });
  effect(() => {
    if (!busyElsewhere.value) return;
    const timer = setInterval(() => { if (!document.hidden) void refreshList(true); }, LOOK_MS);
    return () => clearInterval(timer);
  });
}

const LOOK_MS = 4_000;
const busyElsewhere = computed(() => Object.values(marks.value).includes('working'));
/** What the closed drawer hides. */
export const news = computed(() => (drawerOpen.value ? null : foremost(marks.value)));

const moment = computed(() => {
  const turn = lastTurn.value;
  return [conversationId.value, turn?.id, turn?.status === 'working'].join(' ');
});
const refreshSoon = debounced(() => void refreshList(), 500);
