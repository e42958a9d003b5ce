import './plan.css';
import { useState } from 'preact/hooks';
import type { Plan, Step } from '../../api/types';
import { label, paramValue } from '../../text/format';
import { Icon } from '../../ui/Icon';
import { Prompt } from '../loras/Prompt';
import { AboutTool } from '../tools/AboutTool';
import { HandleLink } from '../result/HandleLink';
import type { RunView } from '../stream/view';
import { facts, price, promptOf, sources, warningsOf } from './facts';

type Stage = 'done' | 'now' | 'later' | 'none';

/** What will be done, with which tool and values, and what it is expected to cost: before and after the fact. */
export function PlanCard({ plan, run, reply }: { plan: Plan; run: RunView | null; reply: string }) {
  return (
    <section class="plan" aria-label={`Plan: ${plan.summary}`}>
      <ol class="plan-steps">
        {plan.steps.map((step, index) => (
          <StepLine key={step.id} step={step} plan={plan} number={plan.steps.length > 1 ? index + 1 : null} stage={stageOf(plan, index, run)} known={run?.cached.includes(step.id) ?? false} />
        ))}
      </ol>
      {warningsOf(plan, run, reply).map((warning) => (
        <p class="plan-warning" key={warning.code + warning.message}><Icon name="info" />{warning.message}</p>
      ))}
      <Details plan={plan} price={price(plan, run)} />
    </section>
  );
}

function StepLine({ step, plan, number, stage, known }: { step: Step; plan: Plan; number: number | null; stage: Stage; known: boolean }) {
  const from = sources(step, plan);
  return (
    <li class={`plan-step plan-step-${stage}`}>
      {number !== null && <span class="plan-number" aria-hidden="true">{stage === 'done' ? <Icon name="check" /> : number}</span>}
      <span class="plan-title">{step.title}</span>
      {from.map((name) => <span class="plan-fact" key={name}>from <HandleLink handle={name} /></span>)}
      {facts(step).map((fact) => <span class="plan-fact" key={fact}>{fact}</span>)}
      {known && <span class="plan-fact">already made: no cost</span>}
    </li>
  );
}

function Details({ plan, price }: { plan: Plan; price: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="plan-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" />
        <span>Plan details</span>
        {price && <span class="plan-estimate">{price}</span>}
      </summary>
      {plan.steps.map((step) => <StepDetails key={step.id} step={step} many={plan.steps.length > 1} open={open} />)}
    </details>
  );
}

function StepDetails({ step, many, open }: { step: Step; many: boolean; open: boolean }) {
  const prompt = promptOf(step);
  const rest = Object.entries(step.params ?? {}).filter(([name, value]) => value !== prompt && name !== 'loras');
  return (
    <div class="plan-step-details">
      {many && <p class="plan-step-name">{step.title}</p>}
      {prompt && <blockquote><Prompt text={prompt} /></blockquote>}
      <dl>
        {[['tool', step.tool] as const, ...rest].map(([name, value]) => (
          <div key={name}><dt>{label(name)}</dt><dd>{paramValue(value)}</dd></div>
        ))}
      </dl>
      {open && <AboutTool name={step.tool} />}
    </div>
  );
}

/** Where the run stands at this step; a plan of one step needs no marks. */
function stageOf(plan: Plan, index: number, run: RunView | null): Stage {
  if (!run || plan.steps.length < 2) return 'none';
  if (run.phase === 'completed') return 'done';
  const at = plan.steps.findIndex((step) => step.id === run.progress?.stepId);
  if (run.phase !== 'running' || at < 0) return 'later';
  return index < at ? 'done' : index === at ? 'now' : 'later';
}
