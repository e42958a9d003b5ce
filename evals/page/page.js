"use strict";
// Everything that came from people or planners enters the page as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const form = document.getElementById("filters");
const list = document.getElementById("cases");
const more = document.getElementById("more");
const AT_ONCE = 40;
let shown = AT_ONCE;
let only = null;

function el(tag, kind, ...inside) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  for (const part of inside) if (part !== null && part !== undefined && part !== "") made.append(part);
  return made;
}

function medium(item, focus) {
  const from = item.parents.length ? `from ${item.parents.join(", ")}` : "";
  const what = [item.upload ? "upload" : item.tool, item.size, item.kind === "image" ? "" : item.kind, from, item.renders ? "rendering" : ""];
  const card = el("div", `medium${item.renders ? " renders" : ""}`, el("b", "", item.name), " " + what.filter(Boolean).join(" · "), item.words ? el("q", "", item.words) : null);
  if (focus === item.name) card.append(el("span", "chip", "in focus"));
  return card;
}

function setting([name, value]) { return `${name} ${value}`; }

function planCard(plan) {
  const steps = plan.steps.map((step) => {
    const from = step.inputs.flatMap(([, refs]) => refs).join(" + ");
    const line = el("li", "", el("code", "", step.id), el("span", "tool", step.tool), from ? el("span", "from", "← " + from) : null);
    line.append(el("span", "set", Object.entries(step.params).map(setting).join(", ")));
    if (step.deliver) line.append(el("span", "out", "delivered"));
    return line;
  });
  const card = el("div", "plan", el("p", "", plan.summary), el("ol", "", ...steps));
  if (plan.warnings.length) card.append(el("div", "meant", ...plan.warnings.map((code) => el("span", "chip mid", code))));
  return card;
}

function personBubble(turn) {
  const bubble = el("div", "bubble person", turn.click ? `[${turn.click}]` : turn.said || "(no words)");
  const extra = [turn.reply_to && `in reply to ${turn.reply_to}`, turn.attached.length && `with ${turn.attached.join(", ")}`].filter(Boolean);
  if (extra.length) bubble.append(el("span", "with", extra.join(", ")));
  return bubble;
}

function chatOf(turn) {
  const parts = [personBubble(turn)];
  const meant = turn.intents.map((i) => {
    const limits = Object.entries(i.constraints).map(setting).join(", ");
    return el("span", "chip", [i.kind, i.on.length ? `on ${i.on.join(", ")}` : "", limits].filter(Boolean).join(" "));
  });
  if (meant.length) parts.push(el("div", "meant", ...meant, el("span", "chip", `confidence ${turn.confidence}`)));
  if (turn.plan) parts.push(planCard(turn.plan));
  if (turn.reply) parts.push(el("div", "bubble agent", turn.reply));
  if (turn.question) parts.push(el("div", "bubble agent", turn.question));
  if (turn.choices.length) parts.push(el("div", "buttons", ...turn.choices.map((label) => el("span", "", label))));
  if (turn.controls.length) parts.push(el("div", "meant", ...turn.controls.map((control) => el("span", "chip", control))));
  if (turn.error) parts.push(el("div", "error", turn.error));
  if (turn.pictures.length) parts.push(el("div", "pictures", ...turn.pictures.map((picture) => {
    const image = el("img");
    image.src = picture.src;
    image.alt = `${picture.size[0]} × ${picture.size[1]}`;
    image.title = image.alt;
    return image;
  })));
  if (turn.made.length) parts.push(el("div", "shown", ...turn.made.map((item) => medium(item))));
  return parts;
}

function pairs(entries, kind) {
  return el("dl", "", ...entries.flatMap(([name, value]) => [el("dt", "", name), el("dd", kind(name), value)]));
}

const SAID_IN = { tools: "steps", links: "steps", params: "steps" };
const SEEN_IN = { plans: "steps", kept: "steps", changed: "steps", delivered: "steps", valid: "error" };

function verdictOf(turn, number, many) {
  const box = el("div", "verdict");
  const scores = Object.entries(turn.parts);
  box.append(el("h4", "", many ? `Turn ${number}` : "Parts"));
  box.append(el("div", "meant", ...scores.map(([part, right]) => el("span", `chip ${right ? "fine" : "bad"}`, part))));
  const wrong = new Set(scores.filter(([, right]) => !right).map(([part]) => SAID_IN[part] || part));
  box.append(el("h4", "", "Wanted"), pairs(turn.want, (name) => (wrong.has(name) ? "bad" : "")));
  const seen = new Set([...wrong].map((part) => SEEN_IN[part] || part));
  const came = turn.came.filter(([name]) => seen.has(name) || name === "error");
  if (wrong.size) box.append(el("h4", "", "Came"), pairs(came.length ? came : [["", "nothing of the kind"]], () => ""));
  const aside = [turn.alternatives ? `${turn.alternatives} other right ${turn.alternatives === 1 ? "answer" : "answers"}` : "", `${Math.round(turn.took)} ms`, turn.tokens ? `${turn.tokens} tokens` : ""];
  box.append(el("p", "aside", aside.filter(Boolean).join(" · ")));
  box.append(el("p", "aside", "Found: " + turn.found.slice(0, 6).join(", ")));
  return box;
}

function card(item) {
  const title = el("h3", "", el("small", "", item.suite + " / "), item.name);
  const chips = item.tags.map((tag) => el("span", "chip", tag));
  if (item.asked > 1) chips.unshift(el("span", "chip mid", `${item.passed} of ${item.asked} right`));
  if (item.change) chips.unshift(el("span", `chip ${item.change === "fell" ? "bad" : "fine"}`, item.change));
  if (item.held) chips.unshift(el("span", "chip", "held out"));
  const made = el("article", "case", el("header", "", title, el("span", `chip ${item.ok ? "fine" : "bad"}`, item.ok ? "right" : item.wrong.join(", ")), ...chips));
  if (item.note) made.append(el("p", "note", item.note));
  if (item.scene.length) made.append(el("div", "shown", ...item.scene.map((thing) => medium(thing, item.focus))));
  for (const [tool, words] of Object.entries(item.patched)) made.append(el("div", "shown", el("div", "medium", el("b", "", tool), " reads: ", el("q", "", words))));
  if (item.history.length) made.append(el("div", "shown", ...item.history.map((words) => el("div", "medium", words))));
  item.turns.forEach((turn, place) => {
    made.append(el("div", "chat", ...chatOf(turn)), verdictOf(turn, place + 1, item.turns.length > 1));
  });
  return made;
}

function everything(item) {
  return [item.suite, item.name, ...item.tags, ...item.turns.flatMap((t) => [t.said, t.reply, t.error, ...t.want.flat(), ...t.came.flat()])].join("\n").toLowerCase();
}

function wanted(item) {
  const f = form.elements;
  if (item.held && !f.held.checked) return false;
  if (only !== null) return item === only;
  const status = f.status.value;
  if (status === "wrong" && item.passed === item.asked) return false;
  if ((status === "fell" || status === "rose") && item.change !== status) return false;
  if (f.suite.value && item.suite !== f.suite.value) return false;
  if (f.layer.value && !item.layers.includes(f.layer.value)) return false;
  if (f.tag.value && !item.tags.includes(f.tag.value)) return false;
  return !f.words.value || everything(item).includes(f.words.value.toLowerCase());
}

function draw() {
  const found = data.cases.filter(wanted);
  const rest = found.length - shown;
  list.replaceChildren(...found.slice(0, shown).map(card));
  if (!found.length) list.append(el("p", "nothing", "No case is like that. Held-out cases show only when they are asked for."));
  document.getElementById("count").textContent = `${found.length} of ${data.cases.length}`;
  more.hidden = rest <= 0;
  more.textContent = `Show ${Math.min(AT_ONCE, rest)} more`;
}

function fill(name, values) {
  for (const value of values) form.elements[name].append(new Option(value, value));
}

function strip() {
  const box = document.getElementById("strip");
  const suites = [...new Set(data.cases.map((item) => item.suite))];
  for (const suite of suites) {
    const cells = data.cases.filter((item) => item.suite === suite).map((item) => {
      const cell = el("button", `cell${item.passed < item.asked ? " wrong" : ""}${item.held ? " held" : ""}`);
      cell.title = item.held ? "held out" : `${item.name}${item.ok ? "" : ": " + item.wrong.join(", ")}`;
      cell.setAttribute("aria-label", cell.title);
      cell.addEventListener("click", () => {
        only = item;
        draw();
        only = null;
        form.scrollIntoView({ behavior: "smooth" });
      });
      return cell;
    });
    box.append(el("span", "", suite), el("div", "", ...cells));
  }
  fill("suite", suites);
}

strip();
fill("layer", data.layers);
const tags = new Map();
for (const tag of data.cases.flatMap((item) => item.tags)) tags.set(tag, (tags.get(tag) || 0) + 1);
fill("tag", [...tags.keys()].sort());
if (!data.cases.some((item) => item.change)) {
  for (const value of ["fell", "rose"]) form.elements.status.querySelector(`[value=${value}]`).remove();
}
form.addEventListener("input", () => { shown = AT_ONCE; draw(); });
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", () => { shown += AT_ONCE; draw(); });
draw();
