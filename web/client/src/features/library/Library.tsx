import './library.css';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../ui/IconButton';
import { LoraForm } from '../loras/LoraForm';
import { Loras } from '../loras/Loras';
import { Cast } from '../spells/Cast';
import { EditSpell } from '../spells/EditSpell';
import { SaveSpell } from '../spells/SaveSpell';
import { Shared } from '../spells/Shared';
import { SpellPage } from '../spells/SpellPage';
import { Spells } from '../spells/Spells';
import { ToolPage } from '../tools/ToolPage';
import { Tools } from '../tools/Tools';
import { Draft } from '../workflows/Draft';
import { SharedWorkflow } from '../workflows/SharedWorkflow';
import { WorkflowPage } from '../workflows/WorkflowPage';
import { Workflows } from '../workflows/Workflows';
import { Notice } from './Notice';
import { back, closeLibrary, openLibrary, place, tabOf, trail, type Place, type Tab } from './places';

const TABS: readonly (readonly [Tab, string])[] = [['tools', 'Tools'], ['spells', 'Spells'], ['loras', 'LoRAs'], ['workflows', 'Workflows']];

/** Everything there is to work with, over the conversation: Esc leads back, and out. */
export function Library() {
  const dialog = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    body.current?.focus();
  }, []);
  const at = place.value;
  useEffect(() => { if (body.current) body.current.scrollTop = 0; }, [at]);
  if (!at) return null;
  return (
    <dialog ref={dialog} class="library" aria-label="Library" onCancel={onCancel} onClose={closeLibrary} onClick={(event) => event.target === dialog.current && closeLibrary()}>
      <div class="library-page">
        <Head at={at} />
        <div class="library-body" ref={body} tabIndex={-1}><View key={keyOf(at)} at={at} /></div>
        <Notice />
      </div>
    </dialog>
  );
}

function Head({ at }: { at: Place }) {
  const tab = tabOf(at);
  return (
    <header class="library-head">
      {trail.value.length > 1 && <IconButton icon="left" label="Back" onClick={back} />}
      <nav class="library-tabs" aria-label="Library">
        {TABS.map(([view, name]) => (
          <button key={view} type="button" class="library-tab" aria-current={tab === view ? 'page' : undefined} onClick={() => openLibrary({ view })}>{name}</button>
        ))}
      </nav>
      <IconButton icon="close" label="Close" onClick={closeLibrary} />
    </header>
  );
}

function View({ at }: { at: Place }) {
  switch (at.view) {
    case 'tools': return <Tools />;
    case 'tool': return <ToolPage name={at.name} />;
    case 'spells': return <Spells />;
    case 'spell': return <SpellPage id={at.id} />;
    case 'save': return <SaveSpell handle={at.handle} title={at.title} />;
    case 'cast': return <Cast id={at.id} />;
    case 'edit': return <EditSpell id={at.id} fresh={at.fresh} />;
    case 'shared': return <Shared token={at.token} />;
    case 'loras': return <Loras />;
    case 'lora': return <LoraForm id={at.id} />;
    case 'workflows': return <Workflows />;
    case 'draft': return <Draft />;
    case 'workflow': return <WorkflowPage id={at.id} />;
    case 'sharedWorkflow': return <SharedWorkflow token={at.token} />;
  }
}

const keyOf = (at: Place): string => JSON.stringify(at);

/** Esc in a page of the library leads to the page before; only on the first one it closes. */
function onCancel(event: Event): void {
  if (event.target !== event.currentTarget || trail.value.length < 2) return;
  event.preventDefault();
  back();
}
