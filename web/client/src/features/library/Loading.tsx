import type { Fault } from '../../api/types';
import { FaultNote } from '../../ui/FaultNote';

/** In the place of what is not there yet. */
export function Loading({ fault }: { fault: Fault | null }) {
  if (fault) return <FaultNote fault={fault} />;
  return <p class="thinking library-loading"><i /><i /><i /><span class="hidden-visually">Loading</span></p>;
}
