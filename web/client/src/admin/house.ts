import { useCallback, useEffect, useState } from 'preact/hooks';
import type { components } from '../api/schema';
import { faultOf } from '../api/problem';
import type { Fault } from '../api/types';
import { ask } from './api';

type Shapes = components['schemas'];
export type Worker = Shapes['WorkerShape'];
export type Letter = Shapes['Job'];

export interface House {
  workers: Worker[];
  queue: Shapes['QueueShape'];
  instances: Shapes['InstanceShape'][];
  periodic: Shapes['PeriodicShape'][];
  alerts: Shapes['AlertShape'][];
  letters: Letter[];
  /** Whether there are older letters than these. */
  more: boolean;
}

/** Something an operator does: the call, and the sentence that says it was done. */
export interface Deed {
  path: string;
  method?: 'POST' | 'DELETE';
  done: string;
}

const EVERY_MS = 5000;

/** The house as it was last seen, looked at every few seconds; what was last done to it; what went wrong. */
export function useHouse() {
  const [house, setHouse] = useState<House | null>(null);
  const [away, setAway] = useState<Fault | null>(null);
  const [refused, setRefused] = useState<Fault | null>(null);
  const [said, say] = useState('');
  const look = useCallback(() => all().then((found) => { setHouse(found); setAway(null); }).catch((error: unknown) => setAway(faultOf(error))), []);
  const act = useCallback(async ({ path, method = 'POST', done }: Deed) => {
    setRefused(null);
    say('');
    await ask(path, method).then(() => say(done)).catch((error: unknown) => setRefused(faultOf(error)));
    await look();
  }, [look]);
  useEffect(() => {
    void look();
    const timer = setInterval(() => { if (!document.hidden) void look(); }, EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  return { house, fault: refused ?? away, said, act };
}

type Many<T> = { items: T[]; next: string | null };

async function all(): Promise<House> {
  const [workers, queue, instances, periodic, alerts, letters] = await Promise.all([
    ask<Many<Worker>>('workers'), ask<Shapes['QueueShape']>('queue'), ask<Many<Shapes['InstanceShape']>>('instances'),
    ask<Many<Shapes['PeriodicShape']>>('periodic'), ask<Many<Shapes['AlertShape']>>('alerts?limit=20'), ask<Many<Letter>>('dead-letters'),
  ]);
  return {
    workers: workers.items, queue, instances: instances.items, periodic: periodic.items, alerts: alerts.items,
    letters: letters.items, more: letters.next !== null,
  };
}
