import { afterEach, expect, it, vi } from 'vitest';
import { conversationId, view } from '../stream/session';
import { emptyView, type TurnView } from '../stream/view';
import { outgoing, sendWords } from './send';

afterEach(() => {
  vi.unstubAllGlobals();
  outgoing.value = null;
  view.value = emptyView();
});

it('what is on the page can be answered before the message that led to it has its own answer', async () => {
  const answers: ((response: Response) => void)[] = [];
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)));
  conversationId.value = 'c';
  const first = sendWords('make it brighter');
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  await sendWords('make it brighter'); // a second click on the same button is none
  expect(answers).toHaveLength(1);

  view.value = { ...emptyView(), turns: [{ id: 't1', text: 'make it brighter' } as TurnView] };
  const second = sendWords('the blue one');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[0]!(new Response('{"turn_id":"t1"}', { status: 202 }));
  await first;
  expect(outgoing.value?.text).toBe('the blue one');
  answers[1]!(new Response('{"turn_id":"t2"}', { status: 202 }));
  await second;
  expect(outgoing.value?.turnId).toBe('t2');
});
