import { API } from '../../api/http';
import { parseProblem, Problem } from '../../api/problem';
import type { StreamEvent } from '../../api/types';
import { backoff } from './backoff';
import { GRACE_MS, wantsStream } from './presence';
import { sseParser, type SseFrame } from './sse';

export type Link = 'connecting' | 'live' | 'reconnecting';

export interface Listener {
  /** The number to resume after. */
  cursor: () => number;
  /** A batch that arrived together; false when it does not continue the cursor (then we reconnect from it). */
  onEvents: (events: StreamEvent[]) => boolean;
  onLink: (link: Link) => void;
  /** Whether something is being made whose end is worth a connection while the page is hidden. */
  working: () => boolean;
  /** The stream will not come back: the conversation is gone or not ours. */
  onGone: (problem: Problem) => void;
}

/** The server writes a comment every 15 s; a silence of twice that is a dead connection. */
const SILENCE_MS = 35_000;
const EARLY_MS = 50;

/**
 * Keeps one conversation's stream open, through lost networks, restarts and sleep, until `close`. It is let go while
 * nobody looks at the page, and resumed after the cursor when somebody does.
 */
export class Connection {
  private closed = false;
  private attempt = 0;
  private control = new AbortController();
  private wake: (() => void) | null = null;
  private heardAt = 0;
  private left = false;
  private hiddenAt: number | null = document.visibilityState === 'hidden' ? Date.now() : null;
  private grace: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval>;

  constructor(
    private readonly conversation: string,
    private readonly listener: Listener,
  ) {
    addEventListener('online', this.nudge);
    addEventListener('pagehide', this.onLeave);
    addEventListener('pageshow', this.onReturn);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.watchdog = setInterval(this.checkSilence, 5_000);
    if (this.hiddenAt !== null) this.grace = setTimeout(this.settle, GRACE_MS);
    void this.run();
  }

  close(): void {
    this.closed = true;
    removeEventListener('online', this.nudge);
    removeEventListener('pagehide', this.onLeave);
    removeEventListener('pageshow', this.onReturn);
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearInterval(this.watchdog);
    clearTimeout(this.grace);
    this.control.abort();
    this.wake?.();
  }

  /** Reconnect now if we are waiting for the next attempt. */
  readonly nudge = (): void => this.wake?.();

  private readonly onLeave = (): void => {
    this.left = true;
    this.settle();
  };

  private readonly onReturn = (): void => {
    this.left = false;
    this.settle();
  };

  private readonly onVisibility = (): void => {
    clearTimeout(this.grace);
    if (document.visibilityState === 'visible') {
      this.hiddenAt = null;
      this.left = false;
      this.checkSilence();
      return this.settle();
    }
    this.hiddenAt ??= Date.now();
    this.grace = setTimeout(this.settle, GRACE_MS);
  };

  /** Lets the stream go, or takes it up again, as the page's presence asks. */
  private readonly settle = (): void => (this.wanted() ? this.nudge() : this.control.abort());

  private wanted(): boolean {
    const visible = this.hiddenAt === null;
    // Timers may fire a moment early by the wall clock; the grace timer's own firing counts as the whole grace.
    const hiddenForMs = visible ? 0 : Date.now() - this.hiddenAt! + EARLY_MS;
    return wantsStream({ visible, hiddenForMs, left: this.left, working: this.listener.working() });
  }

  private readonly checkSilence = (): void => {
    if (this.heardAt && Date.now() - this.heardAt > SILENCE_MS) this.control.abort();
  };

  private async run(): Promise<void> {
    this.listener.onLink('connecting');
    while (!this.closed) {
      await this.untilWanted();
      if (this.closed) return;
      try {
        await this.listen();
      } catch (error) {
        if (this.closed) return;
        if (error instanceof Problem && isFinal(error)) return this.listener.onGone(error);
      }
      if (this.closed) return;
      this.heardAt = 0;
      if (!this.wanted()) continue;
      this.listener.onLink('reconnecting');
      await this.rest(backoff(this.attempt++));
    }
  }

  /** Out of sight is no fault: nothing is said about it, and the first attempt afterwards is made at once. */
  private async untilWanted(): Promise<void> {
    while (!this.closed && !this.wanted()) {
      this.attempt = 0;
      this.listener.onLink('connecting');
      await new Promise<void>((resolve) => (this.wake = resolve));
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
      // The end of a run may have been the last reason to listen.
      if (!this.wanted()) return void this.control.abort();
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
