import { describe, expect, it } from 'vitest';
import { parseBlocks, parseInline, safeHref } from './markdown';

const plain = (text: string) => ({ kind: 'text', text });

describe('inline', () => {
  it('knows bold, italic, code and links', () => {
    expect(parseInline('a **b** *c* `d` [e](https://f.example)')).toEqual([
      plain('a '), { kind: 'bold', inline: [plain('b')] }, plain(' '), { kind: 'italic', inline: [plain('c')] }, plain(' '),
      { kind: 'code', text: 'd' }, plain(' '), { kind: 'link', href: 'https://f.example', inline: [plain('e')] },
    ]);
  });

  it('leaves arithmetic, unfinished marks and markup as they are', () => {
    for (const text of ['2 * 3 * 4', 'half **bold', '<img src=x onerror=alert(1)>', 'snake_case_name']) {
      expect(parseInline(text)).toEqual([plain(text)]);
    }
  });

  it('makes no link of a script', () => {
    expect(parseInline('[x](javascript:alert(1))')).toEqual([plain('[x](javascript:alert(1)'), plain(')')]);
    for (const bad of ['javascript:x', 'data:text/html,x', '//evil.example', '/\\evil.example', ' https://a']) expect(safeHref(bad)).toBeNull();
    for (const good of ['https://a.example', '/agent?c=1', 'mailto:a@b.example']) expect(safeHref(good)).toBe(good);
  });

  it('links a bare address without the full stop after it', () => {
    expect(parseInline('see https://a.example/b.')).toEqual([plain('see '), { kind: 'link', href: 'https://a.example/b', inline: [plain('https://a.example/b')] }, plain('.')]);
  });
});

describe('blocks', () => {
  it('knows paragraphs, lists, headings and code', () => {
    const blocks = parseBlocks('# T\none\ntwo\n\n- a\n- b\n  more\n\n1. x\n2. y\n```py\nz = 1\n\n```\nend');
    expect(blocks.map((block) => block.kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'code', 'paragraph']);
    expect(blocks[1]).toEqual({ kind: 'paragraph', inline: [plain('one\ntwo')] });
    expect(blocks[2]).toEqual({ kind: 'list', ordered: false, items: [[plain('a')], [plain('b more')]] });
    expect(blocks[4]).toEqual({ kind: 'code', text: 'z = 1\n' });
  });

  it('can read every beginning of a reply that is still streaming', () => {
    const reply = 'Hi **there**\n\n- `a`\n1. [b](https://c.example)\n```\ncode';
    for (let end = 0; end <= reply.length; end++) expect(() => parseBlocks(reply.slice(0, end))).not.toThrow();
  });
});
