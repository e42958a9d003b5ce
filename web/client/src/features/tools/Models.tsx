import type { Terms, Tool } from '../../api/types';
import { bytes } from '../../text/format';

const FLAGS: Record<Terms, string | null> = { yes: null, limited: 'sold with limits', no: 'not for sale', unknown: 'licence unknown' };
const MEANING: Record<Terms, string> = {
  yes: 'What it makes may be sold.',
  limited: 'What it makes may be sold under conditions: read the licence.',
  no: 'What it makes may not be sold.',
  unknown: 'Nobody wrote its licence down.',
};

/** Whether results may be sold, in two words; nothing where they may. */
export function LicenceFlag({ terms, licence }: { terms: Terms; licence: string | null }) {
  if (FLAGS[terms] === null) return licence ? <span class="flag" title={MEANING[terms]}>{licence}</span> : null;
  return <span class={`flag flag-${terms}`} title={`${MEANING[terms]}${licence ? ` (${licence})` : ''}`}>{FLAGS[terms]}</span>;
}

export function Models({ models, base, vram }: { models: Tool['models']; base: string | null; vram: number | null }) {
  if (!models.length) return null;
  const facts = [base && `made for ${base}`, vram && `${Math.ceil(vram)} GB of GPU memory`].filter(Boolean).join(' · ');
  return (
    <section>
      <h2>Models</h2>
      {facts && <p class="quiet">{facts}</p>}
      <ul class="model-list">
        {models.map((model) => (
          <li key={`${model.folder}/${model.file}`}>
            <code>{model.file}</code>
            <span class="model-facts">
              {model.bytes !== null && <small>{bytes(model.bytes)}</small>}
              <LicenceFlag terms={model.commercial} licence={model.licence} />
              {model.gated && <span class="flag flag-limited" title="Its source asks for an account before it gives the file.">gated</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
