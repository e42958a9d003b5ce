import './flag.css';
import type { Terms } from '../../api/types';

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
