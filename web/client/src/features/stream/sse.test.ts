import { describe, expect, it } from 'vitest';
import { backoff } from './backoff';
import { decode } from './connection';
import { sseParser } from './sse';

describe('the stream parser', () => {
  const text = ': hi\n\nid: 1\nevent: turn.started\ndata: {"a":1}\n\nevent: run.progress\ndata: {"b":\ndata: 2}\n\n';

  it('gives each frame its own id, and none to a transient one', () => {
    expect(sseParser()(text)).toEqual([
      { id: '1', event: 'turn.started', data: '{"a":1}' },
      { id: null, event: 'run.progress', data: '{"b":\n2}' },
    ]);
  });

  it('does not care where the network cuts', () => {
    for (const source of [text, text.replaceAll('\n', '\r\n')]) {
      const parse = sseParser();
      expect([...source].flatMap((letter) => parse(letter))).toEqual(sseParser()(text));
    }
  });

  it('keeps an unfinished frame for later', () => {
    const parse = sseParser();
    expect(parse('id: 7\ndata: {}')).toEqual([]);
    expect(parse('\n\n')).toEqual([{ id: '7', event: 'message', data: '{}' }]);
  });
});

describe('decoding', () => {
  it('numbers what has an id line, whatever the data says', () => {
    const events = decode([
      { id: '3', event: 'plan', data: '{"turn_id":"t"}' },
      { id: null, event: 'run.progress', data: '{"id":9,"turn_id":"t"}' },
    ]);
    expect(events.map((one) => [one.type, one.id])).toEqual([['plan', 3], ['run.progress', null]]);
  });

  it('skips a frame that is not JSON', () => {
    expect(decode([{ id: '1', event: 'plan', data: '<html>' }])).toEqual([]);
  });
});

describe('waiting before a reconnect', () => {
  it('doubles, keeps a random half, and has a ceiling', () => {
    expect([0, 1, 2].map((attempt) => backoff(attempt, () => 1))).toEqual([500, 1000, 2000]);
    expect(backoff(2, () => 0)).toBe(1000);
    expect(backoff(99, () => 1)).toBe(15_000);
  });
});
