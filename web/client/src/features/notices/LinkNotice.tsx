import { away } from '../stream/away';
import { reconnectNow } from '../stream/session';

/** Appears when the stream is away for longer than a blink, and leaves by itself. */
export function LinkNotice() {
  if (!away.value) return null;
  return (
    <div class="link-notice" role="status">
      <i /> Reconnecting… Nothing is lost.
      <button type="button" onClick={reconnectNow}>Try now</button>
    </div>
  );
}
