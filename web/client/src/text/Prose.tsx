import './prose.css';
import { parseBlocks, type Block, type Inline } from './markdown';

/** A reply. Markdown becomes elements directly, so nothing in it can be markup. */
export function Prose({ text }: { text: string }) {
  return <div class="prose">{parseBlocks(text).map(block)}</div>;
}

function block(item: Block) {
  switch (item.kind) {
    case 'heading':
      return <p class="prose-heading">{item.inline.map(inline)}</p>;
    case 'code':
      return <pre><code>{item.text}</code></pre>;
    case 'list': {
      const items = item.items.map((entry) => <li>{entry.map(inline)}</li>);
      return item.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'paragraph':
      return <p>{item.inline.map(inline)}</p>;
  }
}

function inline(item: Inline) {
  switch (item.kind) {
    case 'text':
      return item.text;
    case 'code':
      return <code>{item.text}</code>;
    case 'bold':
      return <strong>{item.inline.map(inline)}</strong>;
    case 'italic':
      return <em>{item.inline.map(inline)}</em>;
    case 'link':
      return <a href={item.href} target="_blank" rel="noopener noreferrer">{item.inline.map(inline)}</a>;
  }
}
