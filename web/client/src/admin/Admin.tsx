import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { components } from '../api/schema';
import { Problem } from '../api/problem';
import { ask, keep, key } from './api';
import { span, when } from './words';

type Shapes = components['schemas'];
type Many<T> = { items: T[] };
interface Letter { id: string; [field: string]: unknown }
interface House {
  workers: Shapes['WorkerShape'][];
  queue: Shapes['QueueShape'];
  instances: Shapes['InstanceShape'][];
  periodic: Shapes['PeriodicShape'][];
  alerts: Shapes['AlertShape'][];
  letters: Letter[] | null;
}

const EVERY_MS = 5000;

/** Workers, servers, queue and alerts for whoever has the key. */
export function Admin() {
  return key.value ? <Panel /> : <Door />;
}

function Door() {
  const [given, give] = useState('');
  return (
    <main class="ops ops-door">
      <h1>Operations</h1>
      <form onSubmit={(event) => { event.preventDefault(); keep(given.trim()); }}>
        <label>Admin key<input type="password" autocomplete="off" autofocus value={given} onInput={(event) => give(event.currentTarget.value)} /></label>
        <p class="ops-hint">STATIONTHIS_ADMIN_KEY, or the file <code>secrets/admin.key</code> of the data folder. It stays in this tab.</p>
        <button type="submit" class="button button-main" disabled={!given.trim()}>Open</button>
      </form>
    </main>
  );
}

function Panel() {
  const [house, setHouse] = useState<House | null>(null);
  const [fault, setFault] = useState('');
  const look = useCallback(() => all().then((found) => { setHouse(found); setFault(''); }).catch((error: unknown) => setFault(said(error))), []);
  const tell = useCallback((path: string, method: 'POST' | 'DELETE' = 'POST') => void ask(path, method).catch((error: unknown) => setFault(said(error))).then(look), [look]);
  useEffect(() => {
    void look();
    const timer = setInterval(() => { if (!document.hidden) void look(); }, EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  return (
    <main class="ops">
      <header><h1>Operations</h1><button type="button" class="button button-small" onClick={() => keep('')}>Close</button></header>
      <p class="ops-fault" role="alert">{fault}</p>
      {house ? <Rooms house={house} tell={tell} /> : !fault && <p>Looking …</p>}
    </main>
  );
}

type Tell = (path: string, method?: 'POST' | 'DELETE') => void;

function Rooms({ house, tell }: { house: House; tell: Tell }) {
  const now = Date.now();
  const open = house.alerts.filter((alert) => alert.state === 'raised');
  return (
    <>
      <Section title="Alerts" note={open.length ? `${open.length} open` : 'none open'}>
        <Table head={['', 'what', 'since', 'over']} rows={house.alerts.map((alert) => [alert.state === 'raised' ? <b class={`ops-${alert.severity}`}>{alert.severity}</b> : 'over', alert.sentence, when(alert.raised_at, now), alert.resolved_at ? when(alert.resolved_at, now) : ''])} />
      </Section>
      <Section title="Queue" note={`${house.queue.waiting} wait, ${house.queue.at_work} at work${house.queue.oldest_s === null ? '' : `, the oldest for ${span(house.queue.oldest_s)}`}`}>
        <Table head={['lane', 'tag', 'status', 'jobs']} rows={house.queue.groups.map((group) => [group.lane, group.tag, group.status, group.jobs])} />
      </Section>
      <Section title="Workers" note={`${house.workers.length}`}>
        <Table head={['worker', 'wanted', 'jobs', 'heard', '']} rows={house.workers.map((worker) => [`${worker.host} ${worker.pid}`, worker.wanted, worker.jobs, when(worker.seen_at, now), <Verbs of={worker.id} wanted={worker.wanted} tell={tell} />])} />
      </Section>
      <Section title="Instances" note="as the process that answered knows them">
        <Table head={['instance', 'where', 'state', 'jobs', 'ComfyUI']} rows={house.instances.map((one) => [one.id, one.where, `${one.up ? 'up' : 'away'} for ${span((now - Date.parse(one.since)) / 1000)}`, `${one.jobs} of ${one.slots}`, one.sketch ? 'sketches' : one.comfyui ?? ''])} />
      </Section>
      {house.letters && (
        <Section title="Dead letters" note={`${house.letters.length}`}>
          <Table head={['job', 'tool', 'why', '']} rows={house.letters.map((letter) => [letter.id, String(letter['tool'] ?? ''), String(letter['error_code'] ?? letter['ending'] ?? ''), <LetterVerbs id={letter.id} tell={tell} />])} />
        </Section>
      )}
      <Section title="Comes round" note="">
        <Table head={['task', 'ran', 'next', 'last failure', '']} rows={house.periodic.map((task) => [task.name, task.running ? 'running' : when(task.ended_at, now), when(task.due_at, now), task.error_code ? `${task.error_code}, ${when(task.failed_at, now)}` : '', <button type="button" class="button button-small" aria-label={`Run ${task.name} now`} onClick={() => tell(`periodic/${encodeURIComponent(task.name)}/run`)}>Run now</button>])} />
      </Section>
    </>
  );
}

function Verbs({ of, wanted, tell }: { of: string; wanted: string; tell: Tell }) {
  const verbs = wanted === 'active' ? ['pause', 'drain'] : ['resume'];
  return <span class="ops-verbs">{verbs.map((verb) => <button key={verb} type="button" class="button button-small" onClick={() => tell(`workers/${of}/${verb}`)}>{verb}</button>)}</span>;
}

function LetterVerbs({ id, tell }: { id: string; tell: Tell }) {
  return (
    <span class="ops-verbs">
      <button type="button" class="button button-small" onClick={() => tell(`dead-letters/${id}/retry`)}>retry</button>
      <button type="button" class="button button-small" onClick={() => { if (confirm('Drop this dead letter?')) tell(`dead-letters/${id}`, 'DELETE'); }}>drop</button>
    </span>
  );
}

function Section({ title, note, children }: { title: string; note: string; children: ComponentChildren }) {
  return <section aria-label={title}><h2>{title} <small>{note}</small></h2>{children}</section>;
}

function Table({ head, rows }: { head: string[]; rows: ComponentChildren[][] }) {
  if (!rows.length) return <p class="ops-hint">Nothing.</p>;
  return (
    <div class="ops-table">
      <table>
        <thead><tr>{head.map((name, at) => <th key={at} scope="col">{name}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

async function all(): Promise<House> {
  const [workers, queue, instances, periodic, alerts, letters] = await Promise.all([
    ask<Many<Shapes['WorkerShape']>>('workers'), ask<Shapes['QueueShape']>('queue'), ask<Many<Shapes['InstanceShape']>>('instances'),
    ask<Many<Shapes['PeriodicShape']>>('periodic'), ask<Many<Shapes['AlertShape']>>('alerts?limit=20'), deadLetters(),
  ]);
  return { workers: workers.items, queue, instances: instances.items, periodic: periodic.items, alerts: alerts.items, letters };
}

async function deadLetters(): Promise<Letter[] | null> {
  try {
    return (await ask<Many<Letter>>('dead-letters')).items;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

const said = (error: unknown): string => (error instanceof Problem ? error.message : 'Something went wrong on this page.');
