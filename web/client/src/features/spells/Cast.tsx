import './spells.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { getSpell } from '../../api/spells';
import type { Parameter, Spell } from '../../api/types';
import { label, paramValue } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { sendWords } from '../composer/send';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { closeLibrary } from '../library/places';
import { assets } from '../stream/session';
import { lacking, nextNumber, sentence, used, type Fillings, type Values } from './casting';
import { Slot } from './Slot';

/** The form of a spell: its blanks as words, its slots as pictures; casting says the sentence in the conversation. */
export function Cast({ id }: { id: string }) {
  const { value: spell, fault } = useLoaded(() => getSpell(id), id);
  return spell ? <Form spell={spell} /> : <Loading fault={fault} />;
}

function Form({ spell }: { spell: Spell }) {
  const [values, setValues] = useState<Values>({});
  const [fillings, setFillings] = useState<Fillings>({});
  const [busy, setBusy] = useState(0);
  const open = lacking(spell, values, fillings);
  const ready = !open.length && !busy && spell.available;
  const cast = () => {
    if (!ready) return;
    const handles = Object.values(assets.value).map(({ handle }) => handle);
    const bring = used(spell, fillings).filter(({ handle }) => handle === null).map(({ assetId }) => assetId);
    closeLibrary();
    sendWords(sentence(spell, values, fillings, nextNumber(handles)), { bring });
  };
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); cast(); }}>
      <h1>Cast {spell.title}</h1>
      {spell.reason && <p class="gap"><Icon name="clock" /><span>Cannot be cast now: {spell.reason}.</span></p>}
      {Object.entries(spell.blanks).map(([name, spec], index) => (
        <Blank key={name} name={name} spec={spec} first={index === 0} value={values[name] ?? ''} onSay={(said) => setValues((before) => ({ ...before, [name]: said }))} />
      ))}
      {Object.entries(spell.ports).map(([name, port]) => (
        <Slot key={name} name={name} port={port} filling={fillings[name]} onFill={(filling) => setFillings((before) => ({ ...before, [name]: filling }))} onBusy={(by) => setBusy((before) => before + by)} />
      ))}
      <div class="page-buttons">
        <button type="submit" class="button button-main" disabled={!ready}><Icon name="wand" />Cast</button>
        {open.length > 0 && <span class="quiet">needs {open.join(' and ')}</span>}
      </div>
    </form>
  );
}

interface BlankProps {
  name: string;
  spec: Parameter;
  value: string;
  first: boolean;
  onSay: (said: string) => void;
}

function Blank({ name, spec, value, first, onSay }: BlankProps) {
  const usual = spec.default === null || spec.default === '' ? '' : `usually ${paramValue(spec.default)}`;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { if (first) field.current?.focus(); }, []);
  const title = <span>{label(name)}{!spec.required && <small> (if you like)</small>}</span>;
  const hint = [spec.description, usual].filter(Boolean).join(' · ');
  if (spec.choices.length) {
    return <label class="field">{title}<select value={value} onChange={(event) => onSay(event.currentTarget.value)}><option value="">{usual || '–'}</option>{spec.choices.map((choice) => <option key={choice}>{choice}</option>)}</select></label>;
  }
  const number = spec.type === 'number' || spec.type === 'integer';
  return (
    <label class="field">
      {title}
      <input ref={field} inputMode={number ? 'decimal' : 'text'} value={value} placeholder={hint} maxLength={400} onInput={(event) => onSay(event.currentTarget.value)} />
    </label>
  );
}
