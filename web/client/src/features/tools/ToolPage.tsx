import './tools.css';
import { getTool } from '../../api/tools';
import type { Tool } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { prefill } from '../composer/draft';
import { Loading } from '../library/Loading';
import { useLoaded } from '../library/loaded';
import { closeLibrary, go } from '../library/places';
import { Parameters, Ports } from './Facts';
import { Models } from './Models';

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
