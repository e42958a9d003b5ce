import { API } from '../../api/http';
import { parseProblem, Problem } from '../../api/problem';
import type { StreamEvent } from '../../api/types';
import { backoff } from './backoff';
import { sseParser, type SseFrame } from './sse';

export type Link = 'connecting' | 'live' | 'reconnecting';

export interface Listener {
  /** The number to resume after. */
  cursor: () => number;
  /** A batch that arrived together; false when it does not continue the cursor (then we reconnect from it). */
  onEvents: (events: StreamEvent[]) => boolean;
  onLink: (link: Link) => void;
  /** The stream will not come back: the conversation is gone or not ours. */
  onGone: (problem: Problem) => void;
}

/** The server writes a comment every 15 s; a silence of twice that is a dead connection. */
const SILENCE_MS = 35_000;

/** Keeps one conversation's stream open, through lost networks, restarts and sleep, until `close`. */
export class Connection {
  private closed = false;
  private attempt = 0;
  private control = new AbortController();
  private wake: (() => void) | null = null;
  private heardAt = 0;
  private watchdog: ReturnType<typeof setInterval>;

  constructor(
    private readonly conversation: string,
    private readonly listener: Listener,
  ) {
    addEventListener('online', this.nudge);
    document.addEventListener('visibilitychange', this.onVisible);
    this.watchdog = setInterval(this.checkSilence, 5_000);
    void this.run();
  }

  close(): void {
    this.closed = true;
    removeEventListener('online', this.nudge);
    document.removeEventListener('visibilitychange', this.onVisible);
    clearInterval(this.watchdog);
    this.control.abort();
    this.wake?.();
  }

  /** Reconnect now if we are waiting for the next attempt. */
  readonly nudge = (): void => this.wake?.();

  private readonly onVisible = (): void => {
    if (document.visibilityState !== 'visible') return;
    this.checkSilence();
    this.nudge();
  };

  private readonly checkSilence = (): void => {
    if (this.heardAt && Date.now() - this.heardAt > SILENCE_MS) this.control.abort();
  };

  private async run(): Promise<void> {
    this.listener.onLink('connecting');
    while (!this.closed) {
      try {
        await this.listen();
      } catch (error) {
        if (this.closed) return;
        if (error instanceof Problem && isFinal(error)) return this.listener.onGone(error);
      }
      if (this.closed) return;
      this.heardAt = 0;
      this.listener.onLink('reconnecting');
      await this.rest(backoff(this.attempt++));
    }
  }

  private async listen(): Promise<void> {
    this.control = new AbortController();
    this.heardAt = Date.now();
    const response = await fetch(`${API}/conversations/${encodeURIComponent(this.conversation)}/events`, {
      headers: { Accept: 'text/event-stream', ...resume(this.listener.cursor()) },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: this.control.signal,
    });
    if (!response.ok || !response.body) throw parseProblem(response.status, await response.text());
    this.listener.onLink('live');
    await this.drain(response.body);
  }

  private async drain(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parse = sseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.closed) return;
      this.heardAt = Date.now();
      this.attempt = 0;
      const events = decode(parse(decoder.decode(value, { stream: true })));
      if (events.length && !this.listener.onEvents(events)) return void this.control.abort();
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Frames to events. The frame's id line decides what is numbered; a frame that is not JSON is skipped. */
export function decode(frames: SseFrame[]): StreamEvent[] {
  return frames.flatMap((frame) => {
    try {
      const data = JSON.parse(frame.data) as StreamEvent;
      const number = frame.id !== null && /^\d+$/.test(frame.id) ? Number(frame.id) : null;
      return [{ ...data, type: frame.event, id: number } as StreamEvent];
    } catch {
      return [];
    }
  });
}

const resume = (cursor: number): Record<string, string> => (cursor > 0 ? { 'Last-Event-ID': String(cursor) } : {});

const isFinal = (problem: Problem): boolean => [401, 403, 404, 410].includes(problem.status);
