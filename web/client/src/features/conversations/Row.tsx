import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationHead } from '../../api/types';
import { ago } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { addressOf, conversationId, navigate } from '../stream/session';
import { closeOverlay } from './drawer-state';
import { marks, nameOf, pin, remove, rename } from './list';
import { WORDS } from './marks';

type Mode = 'shown' | 'renaming' | 'deleting';

/** A conversation in the list; renaming and deleting happen in its place. */
export function Row({ conversation }: { conversation: ConversationHead }) {
  const [mode, setMode] = useState<Mode>('shown');
  const back = () => setMode('shown');
  if (mode === 'renaming') return <Renaming conversation={conversation} onEnd={back} />;
  if (mode === 'deleting') return <Deleting conversation={conversation} onEnd={back} />;
  return <Shown conversation={conversation} onMode={setMode} />;
}

function Shown({ conversation, onMode }: { conversation: ConversationHead; onMode: (mode: Mode) => void }) {
  const { id, pinned } = conversation;
  const here = conversationId.value === id;
  const mark = here ? null : marks.value[id] ?? null;
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(id);
    closeOverlay();
  };
  return (
    <li class={here ? 'row is-here' : 'row'}>
      <a class="row-link" href={addressOf(id)} aria-current={here ? 'page' : undefined} onClick={go}>
        {pinned && <Icon name="pin" />}
        <span class="row-name">{nameOf(conversation)}</span>
        {mark ? <span class={`row-mark row-mark-${mark}`}><i />{WORDS[mark]}</span> : <span class="row-time">{ago(conversation.active_at, Date.now())}</span>}
      </a>
      <span class="row-buttons">
        <IconButton icon="pin" label={pinned ? 'Unpin' : 'Pin'} pressed={Boolean(pinned)} onClick={() => void pin(id, !pinned)} />
        <IconButton icon="pen" label="Rename" onClick={() => onMode('renaming')} />
        <IconButton icon="trash" label="Delete" onClick={() => onMode('deleting')} />
      </span>
    </li>
  );
}

function Renaming({ conversation, onEnd }: { conversation: ConversationHead; onEnd: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const save = () => {
    if (field.current && field.current.value !== nameOf(conversation)) void rename(conversation.id, field.current.value);
    onEnd();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') save();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onEnd();
  };
  return (
    <li class="row row-renaming">
      <input ref={field} defaultValue={nameOf(conversation)} maxLength={200} aria-label="Name of the conversation" onKeyDown={onKey} onBlur={save} />
    </li>
  );
}

function Deleting({ conversation, onEnd }: { conversation: ConversationHead; onEnd: () => void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    <li class="row row-deleting" role="alertdialog" aria-label={`Delete ${nameOf(conversation)}?`}>
      <p>Delete “{nameOf(conversation)}”? This cannot be undone.</p>
      <div>
        <button type="button" class="button button-small row-delete" onClick={() => void remove(conversation.id)}>Delete</button>
        <button ref={keep} type="button" class="button button-small button-quiet" onClick={onEnd}>Keep</button>
      </div>
    </li>
  );
}
