/** One dispatched frame of a text/event-stream; `id` is null when the frame itself had no id line. */
export interface SseFrame {
  id: string | null;
  event: string;
  data: string;
}

/**
 * An incremental parser: feed it text as it arrives, get the frames that are complete. Comments and unknown fields
 * are dropped. Unlike EventSource it reports the id of the frame, not the last id seen, so that a transient frame
 * can be told from a numbered one.
 */
export function sseParser(): (chunk: string) => SseFrame[] {
  let buffer = '';
  let frame = blank();
  return (chunk) => {
    buffer += chunk;
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    buffer = lines.pop() ?? '';
    const done: SseFrame[] = [];
    for (const line of lines) {
      if (line !== '') {
        field(frame, line);
        continue;
      }
      if (frame.data !== null) done.push({ id: frame.id, event: frame.event || 'message', data: frame.data });
      frame = blank();
    }
    return done;
  };
}

interface Draft {
  id: string | null;
  event: string;
  data: string | null;
}

const blank = (): Draft => ({ id: null, event: '', data: null });

function field(frame: Draft, line: string): void {
  const colon = line.indexOf(':');
  if (colon === 0) return;
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'data') frame.data = frame.data === null ? value : `${frame.data}\n${value}`;
  else if (name === 'event') frame.event = value;
  else if (name === 'id') frame.id = value;
}
