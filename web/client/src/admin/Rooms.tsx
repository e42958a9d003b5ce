import type { Deed, House, Letter, Worker } from './house';
import { type Act, Do, Section, Table } from './parts';
import { mishap, span, when } from './words';

/** Everything an operator sees, most urgent first. */
export function Rooms({ house, act }: { house: House; act: Act }) {
  const now = Date.now();
  return (
    <>
      <Alerts of={house.alerts} now={now} />
      <Queue of={house.queue} />
      <Workers of={house.workers} now={now} act={act} />
      <Instances of={house.instances} now={now} />
      <Letters of={house.letters} more={house.more} now={now} act={act} />
      <Tasks of={house.periodic} now={now} act={act} />
    </>
  );
}

function Alerts({ of, now }: { of: House['alerts']; now: number }) {
  const open = of.filter((alert) => alert.state === 'raised').length;
  const rows = of.map((alert) => ({
    key: alert.id,
    cells: [
      alert.state === 'raised' ? <b class={`ops-${alert.severity}`}>{alert.severity}</b> : 'over',
      alert.sentence, when(alert.raised_at, now), alert.resolved_at ? when(alert.resolved_at, now) : '',
    ],
  }));
  return (
    <Section title="Alerts" note={open ? `${open} open` : 'none open'}>
      <Table head={['alert', 'what', 'since', 'over']} rows={rows} empty="Nothing was the matter within the last 30 days." />
    </Section>
  );
}

function Queue({ of }: { of: House['queue'] }) {
  const oldest = of.oldest_s === null ? '' : `, the oldest for ${span(of.oldest_s)}`;
  const rows = of.groups.map((group) => ({ key: `${group.lane} ${group.tag} ${group.status}`, cells: [group.lane, group.tag, group.status, group.jobs] }));
  return (
    <Section title="Queue" note={of.groups.length ? `${of.waiting} waiting, ${of.at_work} at work${oldest}` : ''}>
      <Table head={['lane', 'tag', 'status', 'jobs']} rows={rows} empty="No job waits and none is at work." />
    </Section>
  );
}

function Workers({ of, now, act }: { of: Worker[]; now: number; act: Act }) {
  const rows = of.map((worker) => ({
    key: worker.id,
    cells: [`${worker.host} ${worker.pid}`, worker.state, worker.jobs, when(worker.seen_at, now), <Verbs of={worker} act={act} />],
  }));
  return (
    <Section title="Workers" note={of.length ? String(of.length) : ''}>
      <Table head={['worker', 'state', 'jobs', 'heard', '']} rows={rows} empty="No worker was heard of lately: nothing is rendered." />
    </Section>
  );
}

function Verbs({ of, act }: { of: Worker; act: Act }) {
  const who = `worker ${of.host} ${of.pid}`;
  const told = (verb: string, what: string): Deed => ({ path: `workers/${of.id}/${verb}`, done: `Told ${who} to ${what}; it hears that within seconds.` });
  const turned = of.wanted === 'active' ? { verb: 'Pause', deed: told('pause', 'take nothing new') } : { verb: 'Resume', deed: told('resume', 'take jobs again') };
  return (
    <span class="ops-verbs">
      <Do verb={turned.verb} what={who} deed={turned.deed} act={act} />
      {of.wanted !== 'draining' && <Do verb="Drain" what={who} deed={told('drain', 'finish what it has and end')} act={act} sure={`Have ${who} finish what it has and end?`} />}
    </span>
  );
}

function Instances({ of, now }: { of: House['instances']; now: number }) {
  const rows = of.map((one) => ({
    key: one.id,
    cells: [one.id, one.where ?? '', presence(one, now), one.slots === null ? one.jobs : `${one.jobs} of ${one.slots}`, one.sketch ? 'sketches' : one.comfyui ?? 'not known'],
  }));
  return (
    <Section title="Instances" note={of.length ? 'as the workers see them' : ''}>
      <Table head={['instance', 'where', 'state', 'jobs', 'ComfyUI']} rows={rows} empty="There is no render server." />
    </Section>
  );
}

function presence(one: House['instances'][number], now: number): string {
  if (one.since === null) return 'not known';
  const known = `${one.up ? 'up' : 'away'} for ${span((now - Date.parse(one.since)) / 1000)}`;
  return one.failing ? `${known}, not trusted: ${one.failing}` : known;
}

function Letters({ of, more, now, act }: { of: Letter[]; more: boolean; now: number; act: Act }) {
  const rows = of.map((letter) => ({
    key: letter.id,
    cells: [letter.tool, when(letter.times.ended, now), <Why of={letter} now={now} />, <LetterVerbs of={letter} act={act} />],
  }));
  return (
    <Section title="Dead letters" note={of.length ? `${of.length}${more ? ', the newest of them' : ''}` : ''}>
      <Table head={['tool', 'given up', 'why', '']} rows={rows} empty="No job was given up." />
    </Section>
  );
}

function Why({ of, now }: { of: Letter; now: number }) {
  return (
    <details class="ops-why">
      <summary>{of.error_code ?? of.ending ?? of.status}</summary>
      <p>{of.sentence}</p>
      <ul>{of.setbacks.map((setback, at) => <li key={at}>{mishap(setback, now)}</li>)}</ul>
      <p class="ops-id">{of.id}</p>
    </details>
  );
}

function LetterVerbs({ of, act }: { of: Letter; act: Act }) {
  const path = `dead-letters/${of.id}`;
  const what = `${of.tool} ${of.id}`;
  return (
    <span class="ops-verbs">
      <Do verb="Retry" what={what} deed={{ path: `${path}/retry`, done: `${of.tool} is tried again in a new run.` }} act={act} />
      <Do verb="Drop" what={what} deed={{ path, method: 'DELETE', done: `${of.tool} was dropped.` }} act={act} sure={`Drop this ${of.tool}? It cannot be tried again then.`} />
    </span>
  );
}

function Tasks({ of, now, act }: { of: House['periodic']; now: number; act: Act }) {
  const rows = of.map((task) => ({
    key: task.name,
    cells: [
      task.name, task.running ? 'running' : when(task.ended_at, now), when(task.due_at, now),
      task.error_code ? `${task.error_code}, ${when(task.failed_at, now)}${task.failures > 1 ? `, ${task.failures} in a row` : ''}` : '',
      <Do verb="Run now" what={task.name} deed={{ path: `periodic/${encodeURIComponent(task.name)}/run`, done: `${task.name} runs within seconds.` }} act={act} />,
    ],
  }));
  return (
    <Section title="Comes round" note="">
      <Table head={['task', 'ran', 'next', 'last failure', '']} rows={rows} empty="Nothing has come round yet." />
    </Section>
  );
}
