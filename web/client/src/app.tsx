import './styles/tokens.css';
import './styles/base.css';
import './app.css';
import { Composer } from './features/composer/Composer';
import { DropZone } from './features/composer/DropZone';
import { begin, Drawer } from './features/conversations/Drawer';
import { drawerOpen, news, toggleDrawer } from './features/conversations/drawer-state';
import { WORDS } from './features/conversations/marks';
import { LibraryHost } from './features/library/Host';
import { LibraryButton } from './features/library/LibraryButton';
import { LinkNotice } from './features/notices/LinkNotice';
import { Toast } from './features/notices/Toast';
import { Lightbox } from './features/result/Lightbox';
import { spoken } from './features/stream/live';
import { title, view } from './features/stream/session';
import { theme, toggleTheme } from './features/theme/theme';
import { Conversation } from './features/turn/Conversation';
import { atEnd, toEnd } from './features/turn/scrolling';
import { Icon } from './ui/Icon';
import { Mark } from './ui/Mark';
import { IconButton } from './ui/IconButton';

export function App() {
  return (
    <div class="app">
      <a class="skip" href="#conversation">Skip to the conversation</a>
      <Drawer />
      <div class="stage">
        <Bar />
        <Conversation />
        <footer class="foot">
          <LinkNotice />
          {!atEnd.value && view.value.turns.length > 0 && <IconButton class="to-end" icon="down" label="To the end" onClick={toEnd} />}
          <Composer />
        </footer>
      </div>
      <Lightbox />
      <LibraryHost />
      <DropZone />
      <Toast />
      <div class="hidden-visually" role="status" aria-live="polite">{spoken.value}</div>
    </div>
  );
}

function DrawerButton() {
  const label = news.value ? `Conversations – another one: ${WORDS[news.value].toLowerCase()}` : 'Conversations';
  return (
    <button type="button" class="icon-button bar-drawer" data-drawer-toggle title={label} aria-label={label} aria-expanded={drawerOpen.value} onClick={toggleDrawer}>
      <Icon name="menu" />
      {news.value && <span class={`bar-news bar-news-${news.value}`} />}
    </button>
  );
}

function Bar() {
  return (
    <header class="bar">
      <DrawerButton />
      <span class="brand"><Mark /><span>StationThis</span></span>
      <p class="bar-title">{title.value}</p>
      <LibraryButton label="Tools, spells and workflows" />
      <IconButton icon="plus" label="New conversation" onClick={begin} />
      <IconButton icon={theme.value === 'dark' ? 'sun' : 'moon'} label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'} onClick={toggleTheme} />
    </header>
  );
}
