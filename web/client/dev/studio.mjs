import { randomUUID } from 'node:crypto';
import { paint } from './painter.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const now = () => new Date().toISOString();

/** Conversations, pictures and streams, in memory: enough of the contract to see every state of the page. */
export class Studio {
  conversations = new Map();
  assets = new Map();
  runs = new Map();
  turns = new Map();
  pace = Number(process.env.DEMO_PACE ?? 1);

  create() {
    const made = { id: randomUUID(), title: null, pinned: false, tier: 'standard', created_at: now(), events: [], streams: new Set(), handles: 0, last: null, turns: [] };
    this.conversations.set(made.id, made);
    return made;
  }

  summary(c) {
    const { id, title, pinned, tier, created_at, events, turns } = c;
    const active_at = turns.length ? now() : created_at;
    return { id, title, pinned, tier, created_at, active_at, last_event_id: events.length, activity: null, turns };
  }

  emit(c, type, turn_id, data, extra = {}) {
    const transient = type === 'run.progress' || type === 'run.preview';
    const body = { ...(transient ? {} : { id: c.events.length + 1 }), type, turn_id, at: now(), correlation_id: 'demo', ...extra, ...data };
    const frame = `${transient ? '' : `id: ${body.id}\n`}event: ${type}\ndata: ${JSON.stringify(body)}\n\n`;
    if (!transient) c.events.push(frame);
    for (const stream of c.streams) stream.write(frame);
  }

  upload(media_type, content) {
    return this.store({ kind: 'image', media_type, bytes: content.length, width: null, height: null, origin: 'upload', sketch: false, tool: null, params: null, parents: [], run_id: null, step_id: null }, content);
  }

  store(fields, content) {
    const asset = { id: randomUUID(), sha256: '', duration_s: null, tier: 'standard', created_at: now(), expires_at: null, handles: [], ...fields };
    this.assets.set(asset.id, { asset, content });
    return asset;
  }

  /** Accepts a message and plays its turn. */
  accept(c, { text, attachments = [], reply_to, choice }) {
    const turn = { id: randomUUID(), text, feedback: null };
    c.turns.push(turn);
    c.title ??= (text || 'A picture').slice(0, 60);
    this.turns.set(turn.id, { c, message: { text, attachments, reply_to, choice } });
    const named = attachments.map((asset_id) => ({ asset_id, handle: `A${++c.handles}` }));
    for (const ref of named) c.last = ref;
    this.emit(c, 'turn.started', turn.id, { text, attachments: named });
    const about = reply_to ? this.find(c, reply_to) : c.last;
    void this.play(c, turn.id, text.toLowerCase(), choice, about);
    return turn.id;
  }

  find = (c, asset_id) => this.named?.get(asset_id) ?? c.last;
  named = new Map();

  async play(c, turn, words, choice, about) {
    const say = (type, data, extra) => this.emit(c, type, turn, data, extra);
    await wait(250 / this.pace);
    if (/what can i do/.test(words)) return this.answer(say, 'discover', DISCOVER);
    if (/how much|cost/.test(words)) return this.answer(say, 'query', COST);
    if (/hello|hi\b|thank/.test(words)) return this.answer(say, 'chat', 'Hello! Tell me what you would like to **see**, or attach a picture.');
    const edit = /(vibrant|upscale|black and white|crop|sharpen|make (it|this)|variations|less )/.test(words) && !choice;
    if (edit && !about) return this.ask(say);
    await this.render(c, turn, say, words, edit ? about : null);
  }

  async answer(say, kind, text) {
    if (kind !== 'chat') say('intent', { intents: [{ kind, summary: '', on: [], constraints: {} }], confidence: 0.9 });
    for (const piece of text.match(/[\s\S]{1,24}/g)) {
      say('reply.delta', { text: piece });
      await wait(30 / this.pace);
    }
    say('turn.completed', { status: 'answered' });
  }

  ask(say) {
    say('clarification', { question: 'There is no picture here yet. Which one shall I change?', choices: [{ id: 'new', label: 'Make a new one' }, { id: 'upload', label: 'I will attach one' }] });
    say('turn.completed', { status: 'asked' });
  }

  async render(c, turn, say, words, about) {
    const run_id = randomUUID();
    const plan = planFor(words, about, this.sizeOf(about));
    const extra = { run_id, job_id: randomUUID() };
    const kind = about ? (/upscale|crop/.test(words) ? 'chain' : 'iterate') : 'create';
    say('intent', { intents: [{ kind, summary: plan.summary, on: about ? [about.handle] : [], constraints: {} }], confidence: 0.94 });
    await wait(120 / this.pace);
    say('plan', { plan }, extra);
    const run = { cancelled: false, go: null };
    this.runs.set(run_id, run);
    if (/poster|expensive/.test(words) && !(await this.confirm(say, run, plan, extra))) return;
    say('run.queued', { place: 2, eta_s: [6, 12] }, extra);
    await wait(900 / this.pace);
    if (/patience/.test(words)) await this.late(say, extra);
    const step = plan.steps.at(-1);
    const seed = hash(words + about?.handle);
    const fail = /fail|broken/.test(words);
    for (let n = 1; n <= 24; n++) {
      if (run.cancelled) return this.end(say, 'run.cancelled', { refunded: true }, 'cancelled', extra);
      if (fail && n === 12) return this.end(say, 'run.failed', FAULT, 'failed', extra);
      say('run.progress', { step_id: plan.steps[n < 10 ? 0 : plan.steps.length - 1].id, status: 'running', fraction: n / 24, current_step: n, total_steps: 24, message: 'Painting', left_s: (25 - n) * 3.4 }, extra);
      if (n % 4 === 0) say('run.preview', { step_id: step.id, image: dataUrl(paint(seed, 256, Math.round((256 * plan.size[1]) / plan.size[0]), look(words))) }, extra);
      await wait(130 / this.pace);
    }
    for (let n = 0; n < plan.count; n++) this.deliver(c, say, plan, step, seed + n, words, about, extra);
    say('run.completed', { cost: { credits: 0, gpu_s: 0 } }, extra);
    say('turn.completed', { status: 'done' });
  }

  /** The queue takes longer than was told. */
  async late(say, extra) {
    await wait(5000 / this.pace);
    say('run.queued', { place: 1, eta_s: [100, 260], message: 'This takes longer than I said: about 3 minutes more.' }, extra);
    await wait(6000 / this.pace);
  }

  sizeOf = (ref) => {
    const asset = ref && this.assets.get(ref.asset_id)?.asset;
    return asset?.width ? [asset.width, asset.height] : ref ? [1200, 800] : null;
  };

  deliver(c, say, plan, step, seed, words, about, extra) {
    const [width, height] = plan.size;
    const content = Buffer.from(paint(seed, width, height, look(words)));
    const parents = about ? [{ asset_id: about.asset_id, port: 'image' }] : [];
    const asset = this.store({ kind: 'image', media_type: 'image/svg+xml', bytes: 812_443, width, height, origin: 'output', sketch: true, tool: step.tool, params: step.params, parents, run_id: extra.run_id, step_id: step.id }, content);
    const handle = `A${++c.handles}`;
    c.last = { asset_id: asset.id, handle };
    this.named.set(asset.id, c.last);
    say('run.output', { step_id: step.id, asset, handle }, extra);
  }

  async confirm(say, run, plan, extra) {
    say('run.awaiting_confirmation', { estimate: plan.estimate, expires_at: new Date(Date.now() + 86_400_000).toISOString() }, extra);
    const yes = await new Promise((resolve) => (run.go = resolve));
    if (!yes) this.end(say, 'run.cancelled', { refunded: false }, 'cancelled', extra);
    return yes;
  }

  end(say, type, data, status, extra) {
    say(type, data, extra);
    say('turn.completed', { status, ...(type === 'run.failed' ? { error: { code: data.code, detail: data.message, action: 'Try again, or ask for a smaller picture.' } } : {}) });
  }
}

const FAULT = { code: 'out_of_memory', message: 'The picture was too large for the GPU it ran on.', refunded: true };
const look = (words) => ({ grey: /black and white/.test(words), vivid: /vibrant/.test(words) });
const hash = (words) => [...words].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
const dataUrl = (svg) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;

function planFor(words, about, from) {
  const steps = about ? editSteps(words, about) : [createStep(words)];
  const base = about ? from : [1216, 832];
  const factor = /upscale/.test(words) ? 2 : 1;
  const square = /crop/.test(words);
  const side = Math.min(...base);
  const size = square ? [side, side] : [base[0] * factor, base[1] * factor];
  const large = /poster|expensive/.test(words);
  const estimate = { credits: large ? [24, 36] : [0, 0], seconds: large ? [300, 480] : [2, 4] };
  const warnings = large ? [{ code: 'large', message: 'This is larger than the model was trained for; details may repeat.' }] : [];
  return { id: randomUUID(), summary: about ? words : words.replace(/^(generate|make|paint) /, ''), steps, estimate, warnings, size, count: /four|variations/.test(words) ? 4 : 1 };
}

const createStep = (prompt) => ({
  id: 's1', tool: 'text-to-image-checkpoint', title: 'Text to image', deliver: true, inputs: {}, outputs: { image: 'image' },
  params: { prompt, width: 1216, height: 832, steps: 24, cfg: 6.5, seed: 4_182_734, checkpoint: 'sketch/painter.safetensors', ...(/four/.test(prompt) ? { batch_size: 4 } : {}) },
});

function editSteps(words, about) {
  const image = [{ asset_id: about.asset_id, handle: about.handle }];
  if (/upscale/.test(words)) return [{ id: 's1', tool: 'upscale-model', title: 'Upscale', deliver: true, inputs: { image }, outputs: { image: 'image' }, params: { scale: 2, model: 'RealESRGAN_x2.pth' } }];
  if (/crop/.test(words)) {
    return [
      { id: 's1', tool: 'colour-adjust', title: 'Colour adjust', deliver: false, inputs: { image }, outputs: { image: 'image' }, params: { black_and_white: true } },
      { id: 's2', tool: 'crop', title: 'Crop', deliver: true, inputs: { image: [{ step_id: 's1', port: 'image' }] }, outputs: { image: 'image' }, params: { aspect: '1:1' } },
    ];
  }
  if (/variations/.test(words)) return [{ id: 's1', tool: 'image-to-image', title: 'Image to image', deliver: true, inputs: { image }, outputs: { image: 'image' }, params: { denoise: 0.55, batch_size: 4, seed: 77 } }];
  return [{ id: 's1', tool: 'colour-adjust', title: 'Colour adjust', deliver: true, inputs: { image }, outputs: { image: 'image' }, params: { vibrance: 0.35, saturation: 1.1 } }];
}

const DISCOVER = `With a picture you can

- **Change it in words** – “make it more vibrant”, “as a watercolour”
- **Make it larger** – “upscale it 2x” gives exactly twice the sides
- **Crop, rotate, sharpen, blur** – “crop it square”
- **Vary it** – “four variations of A1”

Attach one, or say \`use A1\` for something from this conversation.`;

const COST = `Here it is **free**: everything runs on the embedded renderer. A portrait of 832 × 1216 takes about 3 s.`;
