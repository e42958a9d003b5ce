const FIRST_MS = 500;
const MOST_MS = 15_000;

/** Wait before reconnect number `attempt` (0, 1, 2 ...): doubling, capped, with half of it random. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}
