import { useEffect, useState } from 'preact/hooks';
import type { Visibility } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { attempt, tell } from '../library/notice';
import { pageLink } from './sharing';

interface Props<V extends string> {
  /** Who sees it now. */
  shared: V;
  /** The page's parameter that holds the token. */
  query: 'spell' | 'workflow';
  share: (visibility: Visibility) => Promise<{ visibility: V; link: string | null }>;
  onChange: (visibility: V) => void;
}

/** Who may see it: nobody else, whoever has the link, everybody. */
export function Share<V extends string>({ shared: now, query, share, onChange }: Props<V>) {
  const [link, setLink] = useState<string | null>(null);
  const shared = now === 'link';
  const show = async (visibility: Visibility) => {
    const said = await attempt(() => share(visibility));
    if (!said) return;
    setLink(said.link && pageLink(said.link, location.origin + location.pathname, query));
    onChange(said.visibility);
    return said;
  };
  // The link of what is shared already is the same one, asked for again.
  useEffect(() => { if (shared && link === null) void show('link'); }, [shared]);
  return (
    <section>
      <h2>Share</h2>
      {!shared && <p class="quiet">{now === 'public' ? 'Everybody here can find it.' : 'Only you see it.'} A link shows what it is made of, never your pictures.</p>}
      {shared && link && <input class="share-link" readOnly value={link} aria-label="Link" onFocus={(event) => event.currentTarget.select()} />}
      <div class="page-buttons">
        {!shared && <button type="button" class="button" onClick={() => void show('link')}><Icon name="link" />Make a link</button>}
        {shared && <button type="button" class="button" disabled={!link} onClick={() => void copyText(link ?? '')}><Icon name="copy" />Copy link</button>}
        {now !== 'private' && <button type="button" class="button button-quiet" onClick={() => void show('private').then((said) => said && tell('Nobody else can see it any more.'))}>{shared ? 'Revoke link' : 'Make private'}</button>}
      </div>
    </section>
  );
}

/** A page without https has no clipboard: then the link is selected, for the person to copy. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell('The link is copied.');
  } catch {
    document.querySelector<HTMLInputElement>('.share-link')?.focus();
    tell('Press Ctrl+C to copy the link.');
  }
}
