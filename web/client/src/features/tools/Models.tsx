import type { Tool } from '../../api/types';
import { bytes } from '../../text/format';
import { LicenceFlag } from './LicenceFlag';

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
