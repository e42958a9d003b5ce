import { afterEach, describe, expect, it, vi } from 'vitest';
import { refuse } from '../features/composer/attachments';
import { call } from './http';
import { uuid } from './ids';
import { parseProblem, Problem } from './problem';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('problems', () => {
  it('keep the sentence, the code and what to do', () => {
    const body = JSON.stringify({ title: 'Too large', detail: 'The file has 60 MB.', code: 'too_large', action: 'Save it smaller.', status: 413 });
    expect(parseProblem(413, body).fault).toEqual({ code: 'too_large', message: 'The file has 60 MB.', action: 'Save it smaller.' });
  });

  it("make a typed fault of a gateway's HTML page", () => {
    expect(parseProblem(502, '<html>').fault.code).toBe('http_502');
  });
});

it('a POST is repeated with the same key when the network fails, and a GET carries none', async () => {
  vi.useFakeTimers();
  const keys: (string | undefined)[] = [];
  const answers = [() => Promise.reject(new TypeError('network')), () => Promise.resolve(new Response('{}', { status: 503 })), () => Promise.resolve(new Response('{"id":"c"}', { status: 201 }))];
  vi.stubGlobal('fetch', (_: string, request: RequestInit) => {
    keys.push((request.headers as Record<string, string>)['Idempotency-Key']);
    return (answers.shift() ?? (() => Promise.resolve(new Response('{}'))))();
  });
  const made = call<{ id: string }>('POST', '/conversations', {});
  await vi.runAllTimersAsync();
  expect(await made).toEqual({ id: 'c' });
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  await call('GET', '/info');
  expect(keys.at(-1)).toBeUndefined();
});

it('lets a small write outlive the page, but no read, and nothing that a browser would refuse for its size', async () => {
  const sent: (boolean | undefined)[] = [];
  vi.stubGlobal('fetch', (_: string, request: RequestInit) => {
    sent.push(request.keepalive);
    return Promise.resolve(new Response('{}'));
  });
  await call('POST', '/turns/t/feedback', { rating: 'up' });
  await call('PATCH', '/conversations/c', { pinned: true });
  await call('DELETE', '/conversations/c');
  await call('POST', '/workflows', { graph: 'é'.repeat(9_000) });
  await call('GET', '/info');
  expect(sent).toEqual([true, true, true, false, undefined]);
});

it('gives up with a plain sentence when nothing answers', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
  const failed = call('GET', '/info').catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  const error = await failed;
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).code).toBe('unreachable');
});

it('makes an id where randomUUID does not exist', () => {
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(0xff) });
  expect(uuid()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});

it('refuses before sending what the server would refuse', () => {
  expect(refuse({ name: 'a.pdf', type: 'application/pdf', size: 9 })?.code).toBe('not_media');
  expect(refuse({ name: 'a.png', type: 'image/png', size: 51 * 1024 * 1024 })?.code).toBe('too_large');
  expect(refuse({ name: 'a.png', type: 'image/png', size: 0 })?.code).toBe('empty_file');
  expect(refuse({ name: 'a.png', type: 'image/png', size: 9 })).toBeNull();
});
