import type { Finding } from '../../api/types';

const ORDER: readonly Finding['level'][] = ['error', 'warning', 'note'];

/** Errors, then warnings, then notes; each in the order of the graph. */
export const bySeverity = <T extends Pick<Finding, 'level'>>(findings: readonly T[]): T[] =>
  [...findings].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
