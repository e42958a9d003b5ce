import './spells.css';
import { useRef, useState } from 'preact/hooks';
import { changeSpell, getSpell } from '../../api/spells';
import type { RecipeStep, Spell } from '../../api/types';
import { label } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { attempt, tell } from '../library/notice';
import { turnTo } from '../library/places';
import { blanksIn, leaveBlank, settled, type Blanks } from './blanks';
import { changed } from './changes';
import { Marked, texts } from './Recipe';

/** The words of a spell and what is left blank in them. Right after saving it shows what was found to be the subject. */
export function EditSpell({ id, fresh }: { id: string; fresh: boolean }) {
  const { value: spell, fault } = useLoaded(() => getSpell(id), id);
  return spell ? <Form spell={spell} fresh={fresh} /> : <Loading fault={fault} />;
}

function Form({ spell, fresh }: { spell: Spell; fresh: boolean }) {
  const [title, setTitle] = useState(spell.title);
  const [steps, setSteps] = useState(spell.steps);
  const [known, setKnown] = useState<Blanks>(spell.blanks);
  const [busy, setBusy] = useState(false);
  const blanks = settled(steps, known);
  const written = (step: string, name: string, text: string) =>
    setSteps((before) => before.map((each) => (each.id === step ? { ...each, params: { ...each.params, [name]: text } } : each)));
  const save = async () => {
    const same = title === spell.title && JSON.stringify([steps, blanks]) === JSON.stringify([spell.steps, spell.blanks]);
    if (same) return turnTo({ view: 'spell', id: spell.id });
    setBusy(true);
    const made = await attempt(() => changeSpell(spell.id, { title: title.trim(), steps, blanks, note: '' }));
    setBusy(false);
    if (!made) return;
    changed();
    turnTo({ view: 'spell', id: made.id });
    tell(`Saved as version ${made.version}.`);
  };
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <h1>{fresh ? 'What shall stay open?' : `Edit ${spell.title}`}</h1>
      <p class="quiet">{fresh && !blanksIn(steps).length ? 'Nothing is left blank yet. ' : ''}Select words and press “Leave blank”: they are asked for at every cast.</p>
      <label class="field"><span>Name</span><input value={title} maxLength={80} required onInput={(event) => setTitle(event.currentTarget.value)} /></label>
      {steps.flatMap((step) => texts(step).map(([name, text]) => <Text key={`${step.id} ${name}`} step={step} name={name} text={text} taken={Object.keys(blanks)} onWrite={(said) => written(step.id, name, said)} />))}
      <BlankList blanks={blanks} onChange={setKnown} />
      <div class="page-buttons">
        <button type="submit" class="button button-main" disabled={busy || !title.trim()}>{fresh ? 'Done' : 'Save'}</button>
        {!fresh && <button type="button" class="button button-quiet" onClick={() => turnTo({ view: 'spell', id: spell.id })}>Cancel</button>}
      </div>
    </form>
  );
}

interface TextProps {
  step: RecipeStep;
  name: string;
  text: string;
  taken: readonly string[];
  onWrite: (text: string) => void;
}

function Text({ step, name, text, taken, onWrite }: TextProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const blank = () => {
    const made = field.current && leaveBlank(text, field.current.selectionStart, field.current.selectionEnd, taken);
    if (made) onWrite(made.text);
    else field.current?.focus();
  };
  return (
    <div class="field">
      <span id={`${step.id}-${name}`}>{label(step.tool)}: {label(name)}</span>
      <textarea ref={field} value={text} maxLength={8000} aria-labelledby={`${step.id}-${name}`} onInput={(event) => onWrite(event.currentTarget.value)} />
      <div class="text-shown">
        <p><Marked text={text} /></p>
        <button type="button" class="button button-small" onClick={blank}><Icon name="plus" />Leave blank</button>
      </div>
    </div>
  );
}

function BlankList({ blanks, onChange }: { blanks: Blanks; onChange: (blanks: Blanks) => void }) {
  const names = Object.entries(blanks);
  if (!names.length) return null;
  const change = (name: string, what: object) => onChange({ ...blanks, [name]: { ...blanks[name]!, ...what } });
  return (
    <fieldset class="blanks">
      <legend>Blanks</legend>
      {names.map(([name, spec]) => (
        <div class="blank-row" key={name}>
          <mark class="blank">{label(name)}</mark>
          <input value={spec.description} maxLength={200} placeholder="What to say here, in a few words" aria-label={`What ${label(name)} is`} onInput={(event) => change(name, { description: event.currentTarget.value })} />
          <label class="tick"><input type="checkbox" checked={spec.required} onChange={(event) => change(name, { required: event.currentTarget.checked })} /> must be said</label>
        </div>
      ))}
    </fieldset>
  );
}
