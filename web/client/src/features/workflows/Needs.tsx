import type { NeededFile } from '../../api/types';
import { bytes } from '../../text/format';

/** The weight files that a workflow loads. */
export function Needs({ models, base, vram }: { models: readonly NeededFile[]; base: string | null; vram: number | null }) {
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
            <span class="model-facts">{model.bytes !== null && <small>{bytes(model.bytes)}</small>}<span class="flag">{model.licence ?? 'licence unknown'}</span>{model.gated && <span class="flag flag-limited">gated</span>}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
