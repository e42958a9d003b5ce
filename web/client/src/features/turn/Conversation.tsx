import { useEffect } from 'preact/hooks';
import { FaultNote } from '../../ui/FaultNote';
import { outgoing, isShown } from '../composer/send';
import { begin } from '../conversations/Drawer';
import { Banner } from '../notices/Banner';
import { caughtUp, conversationId, gone, loadFault, view } from '../stream/session';
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
  const message = outgoing.value;
  const pending = message && message.conversation === conversationId.value && !isShown(message, turns) ? message : null;
  const count = turns.length + (pending ? 1 : 0);
  const newest = pending ?? turns.at(-1)?.id;
  useEffect(() => (count ? follow(true) : toTop()), [newest, caughtUp.value]);
  useEffect(() => { if (count) follow(false); }, [view.value]);

  if (loadFault.value) return <Gone />;
  if (!caughtUp.value) return <div class="loading"><p class="thinking"><i /><i /><i /><span class="hidden-visually">Loading</span></p></div>;
  if (count === 0) return <><Banner /><Welcome /></>;
  return (
    <div class="turns">
      <Banner />
      {turns.map((turn, index) => <Turn key={turn.id} turn={turn} latest={!pending && index === turns.length - 1} />)}
      {pending && <Said pending text={pending.text} files={pending.files.map((file) => ({ assetId: null, handle: null, thumb: file.thumb }))} />}
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
