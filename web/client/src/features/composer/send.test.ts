import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { conversationId, madeHere, view } from '../stream/session';
import { emptyView, type TurnView } from '../stream/view';
import { fault, text } from './draft';
import { watchDraft } from './keeping';
import { outbox } from './outbox';
import { sendDraft, sendWords, watchOutgoing } from './send';

let answers: ((response: Response) => void)[] = [];
let keys: (string | undefined)[] = [];
let stop = (): void => undefined;

beforeEach(() => {
  answers = [];
  keys = [];
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('fetch', (_: string, request: RequestInit) => {
    keys.push((request.headers as Record<string, string>)['Idempotency-Key']);
    return new Promise<Response>((resolve) => answers.push(resolve));
  });
  conversationId.value = 'c';
  stop = watchOutgoing();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  outbox.value = [];
  view.value = emptyView();
  conversationId.value = null;
  madeHere.value = null;
  text.value = '';
  fault.value = null;
});

const accepted = (turn: string): Response => new Response(JSON.stringify({ turn_id: turn }), { status: 202 });
const turns = (...words: string[]) => ({ ...emptyView(), turns: words.map((each, index) => ({ id: `t${index + 1}`, text: each }) as TurnView) });
const asked = (count: number) => vi.waitFor(() => expect(answers).toHaveLength(count));

function type(words: string): void {
  text.value = words;
  sendDraft();
}

it('what is on the page can be answered before the message that led to it has its own answer', async () => {
  sendWords('make it brighter');
  await asked(1);
  sendWords('make it brighter'); // a second press of the same button is none
  view.value = turns('make it brighter');
  sendWords('the blue one');
  await asked(2);
  answers[0]!(accepted('t1'));
  answers[1]!(accepted('t2'));
  await vi.waitFor(() => expect(outbox.value.map((message) => message.turnId)).toEqual(['t2']));
});

it('messages typed while one is being sent are seen at once and leave in their order', async () => {
  for (const words of ['a fox', 'make it red', 'then larger']) type(words);
  expect(outbox.value.map((message) => message.text)).toEqual(['a fox', 'make it red', 'then larger']);
  expect(text.value).toBe('');
  await asked(1);
  answers[0]!(accepted('t1'));
  await asked(2);
  answers[1]!(accepted('t2'));
  await asked(3);
  view.value = turns('a fox', 'make it red');
  expect(outbox.value.map((message) => message.text)).toEqual(['then larger']);
});

it('a message that nobody answers is kept, and is the same message when the studio is back', async () => {
  vi.useFakeTimers();
  type('a fox');
  for (let attempt = 0; attempt < 4; attempt++) {
    await vi.waitFor(() => expect(answers.length).toBe(attempt + 1));
    answers[attempt]!(new Response('', { status: 502 }));
    await vi.advanceTimersByTimeAsync(attempt < 3 ? 5_000 : 0);
  }
  await vi.waitFor(() => expect(outbox.value[0]!.state).toBe('kept'));
  expect([text.value, fault.value]).toEqual(['', null]);
  await vi.advanceTimersByTimeAsync(3_000);
  await vi.waitFor(() => expect(answers.length).toBe(5));
  expect(new Set(keys).size).toBe(1);
});

it('what is refused comes back into the box with what was said after it, and with the reason', async () => {
  type('a fox');
  type('make it red');
  text.value = 'still typing';
  await asked(1);
  answers[0]!(new Response(JSON.stringify({ code: 'too_much', detail: 'Too much.' }), { status: 422 }));
  await vi.waitFor(() => expect(fault.value?.code).toBe('too_much'));
  expect(text.value).toBe('a fox\nmake it red\nstill typing');
  expect(outbox.value).toEqual([]);
});

it('each conversation keeps the words in its box, and a new one takes along what is typed', () => {
  const kept = new Map<string, string>();
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, words: string) => void kept.set(key, words), removeItem: (key: string) => void kept.delete(key) } as unknown as Storage;
  const stopKeeping = watchDraft(store);
  text.value = 'half a sentence';
  conversationId.value = null;
  expect(text.value).toBe('');
  text.value = 'on the empty page';
  madeHere.value = conversationId.value = 'new';
  expect(text.value).toBe('on the empty page');
  conversationId.value = 'c';
  expect(text.value).toBe('half a sentence');
  expect([...kept]).toEqual([['draft:c', 'half a sentence'], ['draft:new', 'on the empty page']]);
  stopKeeping();
});
