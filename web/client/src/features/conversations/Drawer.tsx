import './drawer.css';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { focusComposer } from '../composer/draft';
import { navigate } from '../stream/session';
import { closeOverlay, drawerOpen, overlay, toggleDrawer } from './drawer-state';
import { conversations, loadMore, next, sorted } from './list';
import { Row } from './Row';

export function Drawer() {
  const panel = useRef<HTMLElement>(null);
  const open = drawerOpen.value;
  useEffect(() => {
    if (open && overlay.value) panel.current?.querySelector<HTMLElement>('button')?.focus();
  }, [open]);
  return (
    <>
      {open && overlay.value && <div class="drawer-shade" onClick={closeOverlay} />}
      <nav ref={panel} class={open ? 'drawer is-open' : 'drawer'} aria-label="Conversations" inert={!open} onKeyDown={onKey}>
        <div class="drawer-inner">
          <div class="drawer-head">
            <button type="button" class="new-conversation" onClick={begin}><Icon name="plus" /> New conversation</button>
            {overlay.value && <IconButton icon="close" label="Close" onClick={toggleDrawer} />}
          </div>
          <List />
        </div>
      </nav>
    </>
  );
}

function List() {
  const items = sorted(conversations.value);
  if (!items.length) return <p class="drawer-empty">Your conversations will be listed here.</p>;
  return (
    <ul class="drawer-list">
      {items.map((item) => <Row key={item.id} conversation={item} />)}
      {next.value !== null && <li><button type="button" class="drawer-more" onClick={() => void loadMore()}>Show older</button></li>}
    </ul>
  );
}

export function begin(): void {
  navigate(null);
  closeOverlay();
  focusComposer();
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.defaultPrevented || !overlay.value) return;
  closeOverlay();
  document.querySelector<HTMLElement>('[data-drawer-toggle]')?.focus();
}
