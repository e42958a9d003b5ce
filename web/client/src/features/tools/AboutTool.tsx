import './about.css';
import { getTool } from '../../api/tools';
import { useLoaded } from '../library/loaded';
import { openLibrary } from '../library/places';
import { LicenceFlag } from './LicenceFlag';

const MOST = 4;

/** Under a step: the models that its tool loads, whether what they make may be sold, and what else does the same. */
export function AboutTool({ name }: { name: string }) {
  const { value: tool } = useLoaded(() => getTool(name), name);
  if (!tool) return null;
  const look = (at: string) => () => openLibrary({ view: 'tool', name: at });
  return (
    <div class="about-tool">
      {tool.reason && <p>Does not run now: {tool.reason}.</p>}
      {tool.models.map(({ folder, file, commercial, licence }) => (
        <p key={`${folder}/${file}`}><code>{file}</code> <LicenceFlag terms={commercial} licence={licence} /></p>
      ))}
      <p class="about-links">
        <button type="button" class="about-link" onClick={look(name)}>About {tool.title}</button>
        {tool.variants.slice(0, MOST).map((other) => <button type="button" class="about-link" key={other.name} onClick={look(other.name)}>or {other.title}</button>)}
      </p>
    </div>
  );
}
