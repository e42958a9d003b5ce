import { useEffect } from 'preact/hooks';
import { FaultNote } from '../../ui/FaultNote';
import { pendingHere, type Outgoing } from '../composer/outbox';
import { begin } from '../conversations/Drawer';
import { Banner } from '../notices/Banner';
import { away } from '../stream/away';
import { caughtUp, gone, loadFault, view } from '../stream/session';
import { Welcome } from '../welcome/Welcome';
import { follow, scroller, toTop, watchScroll } from './scrolling';
import { Said } from './Said';
import { Turn } from './Turn';

/** The scrolling part of the page: the empty state, or the turns. */
export function Conversation() {
  useEffect(watchScroll, []);
  return (
    <main ref={scroller} class="scroll" id="conversation" tabIndex={-1}>
      <div class="column"><Content /></div>
    </main>
  );
}

function Content() {
  const { turns } = view.value;
  const pending = pendingHere();
  const count = turns.length + pending.length;
  const newest = pending.at(-1)?.key ?? turns.at(-1)?.id;
  useEffect(() => (count ? follow(true) : toTop()), [newest, caughtUp.value]);
  useEffect(() => { if (count) follow(false); }, [view.value]);

  if (loadFault.value) return <Gone />;
  if (!caughtUp.value) return <div class="loading"><p class="thinking"><i /><i /><i /><span class="hidden-visually">Loading</span></p></div>;
  if (count === 0) return <><Banner /><Welcome /></>;
  return (
    <div class="turns">
      <Banner />
      {turns.map((turn, index) => <Turn key={turn.id} turn={turn} latest={!pending.length && index === turns.length - 1} />)}
      {pending.map((message) => <Pending key={message.key} message={message} />)}
    </div>
  );
}

function Pending({ message }: { message: Outgoing }) {
  return (
    <div class="pending">
      <Said pending text={message.text} files={message.files.map((file) => ({ assetId: null, handle: null, thumb: file.thumb }))} />
      <p class="pending-note" role="status">{message.state === 'kept' || away.value ? 'Not sent yet: the studio is away. It leaves by itself when the studio is back.' : 'Sending…'}</p>
    </div>
  );
}

function Gone() {
  const fault = loadFault.value!;
  const shown = gone.value ? { code: fault.code, message: 'This conversation is not here.', action: 'It was deleted, or it belongs to another browser. What you send begins a new one.' } : fault;
  return (
    <FaultNote fault={shown}>
      <button type="button" class="button button-small" onClick={begin}>New conversation</button>
    </FaultNote>
  );
}
