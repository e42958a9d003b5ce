import { useEffect, useState } from 'preact/hooks';
import { conversationId, link, loadFault, reconnectNow } from '../stream/session';

const PATIENCE_MS = 1200;

/** Appears when the stream is away for longer than a blink, and leaves by itself. */
export function LinkNotice() {
  const away = conversationId.value !== null && link.value === 'reconnecting' && loadFault.value === null;
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!away) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [away]);
  if (!away || !shown) return null;
  return (
    <div class="link-notice" role="status">
      <i /> Reconnecting… Nothing is lost.
      <button type="button" onClick={reconnectNow}>Try now</button>
    </div>
  );
}
