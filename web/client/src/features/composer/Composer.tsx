import './composer.css';
import { useEffect, useRef } from 'preact/hooks';
import { FaultNote } from '../../ui/FaultNote';
import { Icon } from '../../ui/Icon';
import { IconButton } from '../../ui/IconButton';
import { LibraryButton } from '../library/LibraryButton';
import { view } from '../stream/session';
import { attach } from './attachments';
import { canSend, fault, focusRequests, MAX_TEXT, text, tooLong, uploading } from './draft';
import { ACCEPT } from './media';
import { filePicker, pickFiles } from './picker';
import { sendDraft } from './send';
import { Tray } from './Tray';

const COUNTER_FROM = 7200;

export function Composer() {
  return (
    <form class="composer" aria-label="Message" onSubmit={(event) => { event.preventDefault(); sendDraft(); }}>
      {fault.value && (
        <div class="composer-fault">
          <FaultNote fault={fault.value}>
            <IconButton icon="close" label="Dismiss" onClick={() => (fault.value = null)} />
          </FaultNote>
        </div>
      )}
      <div class="composer-box">
        <Tray />
        <div class="composer-row">
          <IconButton icon="attach" label="Attach files" onClick={pickFiles} />
          <LibraryButton class="wide-only" label="Browse tools (press / )" />
          <Words />
          <Counter />
          <button type="submit" class="send" disabled={!canSend.value} title={uploading.value ? 'Still uploading' : 'Send'} aria-label="Send">
            <Icon name="send" />
          </button>
        </div>
      </div>
      <input ref={filePicker} class="hidden-visually" type="file" accept={ACCEPT} multiple tabIndex={-1} aria-hidden="true" onChange={onPicked} />
    </form>
  );
}

function Words() {
  const field = useRef<HTMLTextAreaElement>(null);
  const words = text.value;
  useEffect(() => {
    if (field.current) fit(field.current);
  }, [words]);
  const requests = focusRequests.value;
  useEffect(() => {
    if (requests > 0) field.current?.focus();
  }, [requests]);
  return (
    <textarea
      ref={field}
      rows={1}
      value={words}
      placeholder="Describe what you want to see"
      aria-label="Message"
      enterkeyhint="send"
      autocomplete="off"
      onInput={(event) => (text.value = event.currentTarget.value)}
      onKeyDown={onKey}
      onPaste={onPaste}
    />
  );
}

function Counter() {
  const length = text.value.length;
  if (length < COUNTER_FROM) return null;
  return (
    <span class={tooLong.value ? 'counter is-over' : 'counter'} role="status">
      {tooLong.value ? `${(length - MAX_TEXT).toLocaleString()} too many` : (MAX_TEXT - length).toLocaleString()}
    </span>
  );
}

/** As tall as its words; the stylesheet sets where it begins to scroll. */
function fit(field: HTMLTextAreaElement): void {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}

function onKey(event: KeyboardEvent): void {
  const field = event.currentTarget as HTMLTextAreaElement;
  // Enter also ends the composition of a Japanese or Chinese word: that one is not ours.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    sendDraft();
  }
  if (event.key === 'Escape') field.blur();
  if (event.key === 'ArrowUp' && !field.value) recall(event);
}

function recall(event: KeyboardEvent): void {
  const last = view.value.turns.findLast((turn) => turn.text);
  if (!last) return;
  event.preventDefault();
  text.value = last.text;
}

function onPaste(event: ClipboardEvent): void {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  attach(files);
}

function onPicked(event: Event): void {
  const input = event.currentTarget as HTMLInputElement;
  attach([...(input.files ?? [])]);
  input.value = '';
}
