/**
 * The built page on a scripted studio: `npm run demo`, then http://127.0.0.1:8765/agent
 * Words that do something special: "what can I do", "how much", "four", "fail", "poster" (asks first), "patience" (the queue takes longer than told), "drop" (the
 * server goes away for some seconds). A file whose name has "bad" in it is refused.
 */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Studio } from './studio.mjs';

const STATIC = fileURLToPath(new URL('../../static/', import.meta.url));
const PORT = Number(process.env.PORT ?? 8765);
const POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'";
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const studio = new Studio();
let awayUntil = 0;

const routes = [
  ['GET', /^\/info$/, () => [200, { version: 'demo', mode: 'embedded', starting: false, capabilities: { image: { status: 'sketch', reason: 'no GPU' }, video: { status: 'unavailable', reason: 'no tool' } } }]],
  ['POST', /^\/conversations$/, () => [201, studio.summary(studio.create())]],
  ['GET', /^\/conversations$/, () => [200, { items: [...studio.conversations.values()].map((c) => studio.summary(c)).reverse(), next: null }]],
  ['GET', /^\/conversations\/([^/]+)$/, (id) => known(id, (c) => [200, studio.summary(c)])],
  ['PATCH', /^\/conversations\/([^/]+)$/, (id, body) => known(id, (c) => [200, studio.summary(Object.assign(c, body))])],
  ['DELETE', /^\/conversations\/([^/]+)$/, (id) => known(id, () => (studio.conversations.delete(id), [204]))],
  ['POST', /^\/conversations\/([^/]+)\/messages$/, (id, body) => known(id, (c) => message(c, body))],
  ['POST', /^\/turns\/([^/]+)\/retry$/, (id) => [202, { turn_id: studio.accept(studio.turns.get(id).c, studio.turns.get(id).message) }]],
  ['POST', /^\/turns\/([^/]+)\/feedback$/, (id, body) => (rate(id, body.rating), [204])],
  ['POST', /^\/runs\/([^/]+)\/cancel$/, (id) => (end(id), [202, {}])],
  ['POST', /^\/runs\/([^/]+)\/confirm$/, (id) => (studio.runs.get(id)?.go?.(true), [202, {}])],
];

const known = (id, then) => (studio.conversations.has(id) ? then(studio.conversations.get(id)) : problem(404, 'not_found', 'There is no such conversation.'));
const problem = (status, code, detail, action = null) => [status, { type: 'about:blank', title: code, status, detail, code, action, correlation_id: 'demo' }];

function message(c, body) {
  if (/^drop\b/i.test(body.text)) return drop();
  if (/^refuse\b/i.test(body.text)) return problem(422, 'not_understood', 'This message cannot be taken.', 'Say it in other words.');
  return [202, { turn_id: studio.accept(c, body) }];
}

function drop() {
  awayUntil = Date.now() + 8000;
  for (const c of studio.conversations.values()) for (const stream of c.streams) stream.destroy();
  return problem(409, 'dropped', 'The demo server is away for eight seconds.', 'Watch the page come back by itself.');
}

function rate(id, rating) {
  const { c } = studio.turns.get(id);
  c.turns.find((turn) => turn.id === id).feedback = rating;
}

function end(id) {
  const run = studio.runs.get(id);
  if (!run) return;
  run.cancelled = true;
  run.go?.(false);
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname.startsWith('/api/v1/')) return api(request, response, pathname.slice(7));
  const name = pathname.startsWith('/static/') ? pathname.slice(8) : 'index.html';
  const content = await readFile(join(STATIC, normalize(name).replace(/^(\.\.[/\\])+/, ''))).catch(() => null);
  response.writeHead(content ? 200 : 404, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain', 'Content-Security-Policy': POLICY });
  response.end(content ?? 'not here');
}).listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/agent`));

async function api(request, response, path) {
  if (Date.now() < awayUntil) return void request.socket.destroy();
  const body = await collect(request);
  const stream = /^\/conversations\/([^/]+)\/events$/.exec(path);
  if (stream) return listen(stream[1], request, response);
  const content = /^\/assets\/([^/]+)\/content$/.exec(path);
  if (content) return picture(content[1], response);
  if (path === '/assets') return receive(body, response);
  const route = routes.find(([method, pattern]) => method === request.method && pattern.test(path));
  const [status, answer] = route ? route[2](route[1].exec(path)[1], body.length ? JSON.parse(body) : {}) : problem(404, 'not_found', 'No such route.');
  reply(response, status, answer);
}

async function collect(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function reply(response, status, answer) {
  response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json' });
  response.end(answer === undefined ? '' : JSON.stringify(answer));
}

function listen(id, request, response) {
  const c = studio.conversations.get(id);
  if (!c) return reply(response, ...problem(404, 'not_found', 'There is no such conversation.'));
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(': hello\n\n');
  c.events.slice(Number(request.headers['last-event-id'] ?? 0)).forEach((frame) => response.write(frame));
  c.streams.add(response);
  const beat = setInterval(() => response.write(': still here\n\n'), 15_000);
  response.on('close', () => (c.streams.delete(response), clearInterval(beat)));
}

function picture(id, response) {
  const found = studio.assets.get(id);
  if (!found) return reply(response, ...problem(404, 'not_found', 'There is no such picture.'));
  response.writeHead(200, { 'Content-Type': found.asset.media_type, 'Cache-Control': 'private, max-age=31536000, immutable' });
  response.end(found.content);
}

/** One file from a multipart body: what stands between the first blank line and the last boundary. */
function receive(body, response) {
  const head = body.subarray(0, body.indexOf('\r\n\r\n')).toString();
  if (/filename="[^"]*bad/.test(head)) return reply(response, ...problem(415, 'not_an_image', 'This file is called a picture, but it is not one.', 'Open it in an image editor and save it as PNG or JPEG.'));
  const boundary = head.split('\r\n')[0];
  const content = body.subarray(head.length + 4, body.lastIndexOf(`\r\n${boundary}`));
  reply(response, 201, studio.upload(/Content-Type: (.+)/i.exec(head)?.[1]?.trim() ?? 'image/png', content));
}
