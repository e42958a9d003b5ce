import { useEffect, useState } from 'preact/hooks';
import { info, loadInfo } from '../notices/capabilities';

const PATIENCE_MS = 1_500;
const AGAIN_MS = 3_000;

/** Nothing is known yet of what was said; where that is because the studio just started, it says so. */
export function Thinking() {
  const starting = useStarting();
  return (
    <p class="thinking" role="status">
      <i /><i /><i />
      {starting ? <span class="thinking-words">Still starting up: your message is kept, this takes about half a minute.</span> : <span class="hidden-visually">Thinking</span>}
    </p>
  );
}

/** Asks only when it takes long, and for as long as it does. */
function useStarting(): boolean {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    let timer = setTimeout(ask, PATIENCE_MS);
    let over = false;
    async function ask(): Promise<void> {
      await loadInfo();
      if (over) return;
      setAsked(true);
      if (info.value?.starting ?? true) timer = setTimeout(ask, AGAIN_MS);
    }
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return asked && (info.value?.starting ?? false);
}
