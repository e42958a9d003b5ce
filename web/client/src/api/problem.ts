import type { Fault } from './types';

/** What the server (or the way to it) answered instead of success; `message` is a plain sentence. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly action: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  get fault(): Fault {
    return { code: this.code, message: this.message, action: this.action };
  }
}

export const unreachable = (): Problem =>
  new Problem(0, 'unreachable', 'The studio cannot be reached right now.', 'Check the connection and try again.');

/** Reads an application/problem+json body; anything else (a proxy's HTML page) becomes a typed fault as well. */
export function parseProblem(status: number, body: string, retryAfter: string | null = null): Problem {
  const fault = readFault(safeJson(body));
  const wait = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  if (fault) return new Problem(status, fault.code, fault.message, fault.action, wait);
  return new Problem(status, `http_${status}`, `The server answered with an error (${status}).`, 'Try again in a moment.', wait);
}

/** A fault from whatever an error field holds: a problem document, {code, message}, or a bare code. */
export function readFault(value: unknown): Fault | null {
  if (typeof value === 'string' && value) return { code: value, message: '', action: null };
  if (typeof value !== 'object' || value === null) return null;
  const found = value as Record<string, unknown>;
  const message = text(found['detail']) ?? text(found['message']) ?? text(found['title']);
  const code = text(found['code']);
  if (!message && !code) return null;
  return { code: code ?? 'error', message: message ?? '', action: text(found['action']) };
}

export const faultOf = (error: unknown): Fault =>
  error instanceof Problem
    ? error.fault
    : { code: 'client_error', message: 'Something went wrong on this page.', action: 'Reload the page.' };

function safeJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null);
