// How long to wait before the next try. Everybody loses a server that restarts in the same moment; so that they do not come back
// in the same moment, half of each wait is chance.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** A wrong key does not become right by asking often; but a new one may be made, or the server may still be reading its own. */
export const REFUSED_MS = 60_000;

/** Milliseconds before try number `attempt` (from 0). `random` gives 0 … 1. */
export function wait(attempt, random = Math.random) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return Math.round(longest / 2 + random() * longest / 2);
}

/** The same for a refusal. */
export const waitRefused = (random = Math.random) => Math.round(REFUSED_MS / 2 + random() * REFUSED_MS / 2);
