import './tools.css';
import { getTool } from '../../api/tools';
import type { Parameter, Port, Tool } from '../../api/types';
import { label, paramValue } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { prefill } from '../composer/draft';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { closeLibrary, go } from '../library/places';
import { Models } from './Models';
import { portWords, rangeWords } from './sorting';

/** One tool: what it takes and gives, what may be set, what it is made of, and sentences that call it. */
export function ToolPage({ name }: { name: string }) {
  const { value: tool, fault } = useLoaded(() => getTool(name), name);
  if (!tool) return <Loading fault={fault} />;
  return (
    <article class="tool-page">
      <h1 tabIndex={-1}>{tool.title}</h1>
      <p class="tool-description">{tool.description}</p>
      {tool.reason ? <p class="gap"><Icon name="clock" /><span>Does not run now: {tool.reason}.</span></p> : <p class="gap gap-none"><Icon name="check" />Runs now</p>}
      <Examples tool={tool} />
      <div class="tool-ports">
        <Ports name="Takes" ports={tool.inputs} words={tool.generative || !Object.keys(tool.inputs).length} />
        <Ports name="Gives" ports={tool.outputs} words={false} />
      </div>
      <Parameters params={tool.params} />
      <Models models={tool.models} base={tool.base} vram={tool.vram_gb} />
      <Variants variants={tool.variants} />
      <p class="tool-name">{tool.family} · <code>{tool.name}</code></p>
    </article>
  );
}

function Examples({ tool }: { tool: Tool }) {
  const said = tool.examples.map(({ text }) => text);
  const shown = said.length ? said.slice(0, 5) : [`${tool.title}: `];
  return (
    <section>
      <h2>Say it</h2>
      <div class="choices choices-close">
        {shown.map((text) => (
          <button key={text} type="button" class="button" onClick={() => { closeLibrary(); prefill(text); }}>{text.trim()}{said.length ? '' : ' …'}</button>
        ))}
      </div>
    </section>
  );
}

function Ports({ name, ports, words }: { name: string; ports: Record<string, Port>; words: boolean }) {
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

function Parameters({ params }: { params: Record<string, Parameter> }) {
  const all = Object.entries(params);
  const plain = all.filter(([, spec]) => !spec.advanced);
  const rest = all.filter(([, spec]) => spec.advanced);
  if (!all.length) return null;
  return (
    <section>
      <h2>What you can set</h2>
      <dl class="params">{plain.map(([name, spec]) => <Row key={name} name={name} spec={spec} />)}</dl>
      {rest.length > 0 && (
        <details class="plan-details">
          <summary><Icon name="chevron" />{rest.length} more for experts</summary>
          <dl class="params">{rest.map(([name, spec]) => <Row key={name} name={name} spec={spec} />)}</dl>
        </details>
      )}
    </section>
  );
}

function Row({ name, spec }: { name: string; spec: Parameter }) {
  const usual = spec.default === null || spec.default === '' ? '' : `usually ${paramValue(spec.default)}`;
  const facts = [spec.choices.slice(0, 8).join(', '), rangeWords(spec.minimum, spec.maximum), usual].filter(Boolean).join(' · ');
  return <div><dt>{label(name)}</dt><dd>{spec.description}{facts && <small>{facts}</small>}</dd></div>;
}

function Variants({ variants }: { variants: Tool['variants'] }) {
  if (!variants.length) return null;
  return (
    <section>
      <h2>Other ways to the same</h2>
      <div class="choices choices-close">
        {variants.map(({ name, title, available }) => (
          <button key={name} type="button" class={available ? 'button button-small' : 'button button-small is-later'} onClick={() => go({ view: 'tool', name })}>{title}{!available && <small> not now</small>}</button>
        ))}
      </div>
    </section>
  );
}
