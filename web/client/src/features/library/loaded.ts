import { useEffect, useState } from 'preact/hooks';
import { faultOf } from '../../api/problem';
import type { Fault } from '../../api/types';

export interface Loaded<T> {
  value: T | null;
  fault: Fault | null;
  /** Shows another value at once: the answer to a change. */
  set: (value: T) => void;
}

/** What `get` answers, asked again whenever `key` changes; an answer to an older question is not shown. */
export function useLoaded<T>(get: () => Promise<T>, key: unknown): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; fault: Fault | null }>({ value: null, fault: null });
  useEffect(() => {
    let current = true;
    get().then(
      (value) => current && setState({ value, fault: null }),
      (error: unknown) => current && setState((before) => ({ value: before.value, fault: faultOf(error) })),
    );
    return () => { current = false; };
  }, [key]);
  return { ...state, set: (value) => setState({ value, fault: null }) };
}
