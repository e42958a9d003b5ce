import type { NeededFile, Tool } from '../../api/types';
import { bytes } from '../../text/format';
import { LicenceFlag } from './LicenceFlag';

type Weights = Tool['models'][number] | NeededFile;

/** The weight files that a tool or a workflow loads; of a workflow's nobody has looked up the terms. */
export function Models({ models, base, vram }: { models: readonly Weights[]; base: string | null; vram: number | null }) {
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
              {'commercial' in model ? <LicenceFlag terms={model.commercial} licence={model.licence} /> : <span class="flag">{model.licence ?? 'licence unknown'}</span>}
              {model.gated && <span class="flag flag-limited" title="Its source asks for an account before it gives the file.">gated</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
