import './tools.css';
import type { Parameter, Port } from '../../api/types';
import { label, paramValue } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { portWords, rangeWords } from './sorting';

const SAMPLE = 160;

/** What goes in or comes out. */
export function Ports({ name, ports, words }: { name: string; ports: Record<string, Port>; words: boolean }) {
  return (
    <section>
      <h2>{name}</h2>
      <ul class="port-list">
        {words && <li>your words</li>}
        {Object.entries(ports).map(([port, spec]) => <li key={port}>{portWords(spec)}{port !== spec.kind && <small> ({label(port)})</small>}{spec.description && <small> – {spec.description}</small>}</li>)}
      </ul>
    </section>
  );
}

/** What may be set; `samples` are the values that stand there now. */
export function Parameters({ params, samples = {} }: { params: Record<string, Parameter>; samples?: Record<string, string> }) {
  const all = Object.entries(params);
  const plain = all.filter(([, spec]) => !spec.advanced);
  const rest = all.filter(([, spec]) => spec.advanced);
  if (!all.length) return null;
  return (
    <section>
      <h2>What you can set</h2>
      <dl class="params">{plain.map(([name, spec]) => <Row key={name} name={name} spec={spec} sample={samples[name]} />)}</dl>
      {rest.length > 0 && (
        <details class="plan-details">
          <summary><Icon name="chevron" />{rest.length} more for experts</summary>
          <dl class="params">{rest.map(([name, spec]) => <Row key={name} name={name} spec={spec} sample={samples[name]} />)}</dl>
        </details>
      )}
    </section>
  );
}

function Row({ name, spec, sample }: { name: string; spec: Parameter; sample: string | undefined }) {
  const usual = spec.default === null || spec.default === '' ? '' : `usually ${paramValue(spec.default)}`;
  const facts = [spec.choices.slice(0, 8).join(', '), rangeWords(spec.minimum, spec.maximum), usual].filter(Boolean).join(' · ');
  return <div><dt>{label(name)}</dt><dd>{spec.description}{facts && <small>{facts}</small>}{sample && <small>“{sample.slice(0, SAMPLE)}{sample.length > SAMPLE && '…'}”</small>}</dd></div>;
}
