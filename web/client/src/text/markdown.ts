/** The small part of Markdown that replies use, as data. Nothing here makes HTML: see Prose.tsx. */
export type Block =
  | { kind: 'paragraph'; inline: Inline[] }
  | { kind: 'heading'; inline: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic'; inline: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; href: string; inline: Inline[] };

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d{1,3}[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const FENCE = /^\s*```/;

export function parseBlocks(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = readBlock(lines, at);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

function readBlock(lines: string[], at: number): [Block | null, number] {
  const line = lines[at]!;
  if (!line.trim()) return [null, at + 1];
  if (FENCE.test(line)) return readCode(lines, at + 1);
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: 'heading', inline: parseInline(heading[1]!) }, at + 1];
  if (BULLET.test(line)) return readList(lines, at, BULLET, false);
  if (NUMBER.test(line)) return readList(lines, at, NUMBER, true);
  return readParagraph(lines, at);
}

/** A fence that is still open (a reply in the middle of streaming) runs to the end. */
function readCode(lines: string[], at: number): [Block, number] {
  let end = at;
  while (end < lines.length && !FENCE.test(lines[end]!)) end++;
  return [{ kind: 'code', text: lines.slice(at, end).join('\n') }, end + 1];
}

function readList(lines: string[], at: number, marker: RegExp, ordered: boolean): [Block, number] {
  const items: string[] = [];
  let end = at;
  for (; end < lines.length; end++) {
    const item = marker.exec(lines[end]!);
    if (item) items.push(item[1]!);
    else if (lines[end]!.trim() && /^\s{2,}/.test(lines[end]!)) items[items.length - 1] += ` ${lines[end]!.trim()}`;
    else break;
  }
  return [{ kind: 'list', ordered, items: items.map(parseInline) }, end];
}

function readParagraph(lines: string[], at: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && lines[end]!.trim() && !opens(lines[end]!)) end++;
  return [{ kind: 'paragraph', inline: parseInline(lines.slice(at, end).join('\n')) }, end];
}

const opens = (line: string): boolean => [BULLET, NUMBER, HEADING, FENCE].some((pattern) => pattern.test(line));

const INLINE =
  /`([^`\n]+)`|\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__|(?<![\w*])\*(\S(?:[^*\n]*?\S)?)\*(?![\w*])|\[([^\]\n]+)\]\(([^\s)]+)\)|(https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])/;

export function parseInline(source: string): Inline[] {
  const found: Inline[] = [];
  let rest = source;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    if (match.index > 0) found.push({ kind: 'text', text: rest.slice(0, match.index) });
    found.push(readInline(match));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) found.push({ kind: 'text', text: rest });
  return found;
}

function readInline(match: RegExpExecArray): Inline {
  const [whole, code, bold, strong, italic, label, target, bare] = match;
  if (code !== undefined) return { kind: 'code', text: code };
  const heavy = bold ?? strong;
  if (heavy !== undefined) return { kind: 'bold', inline: parseInline(heavy) };
  if (italic !== undefined) return { kind: 'italic', inline: parseInline(italic) };
  if (bare !== undefined) return { kind: 'link', href: bare, inline: [{ kind: 'text', text: bare }] };
  const href = safeHref(target!);
  return href ? { kind: 'link', href, inline: parseInline(label!) } : { kind: 'text', text: whole };
}

/** Only web and mail addresses and paths of this site become links. */
export function safeHref(target: string): string | null {
  return /^(https?:\/\/|mailto:)/i.test(target) || /^\/(?![/\\])/.test(target) ? target : null;
}
