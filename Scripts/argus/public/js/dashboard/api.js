// Asks for the runs of all channels. The token stays in this tab's session and goes nowhere but into the header.

const NAME = "argus.dashboard";
/** Longest time for an answer; a server that needs more is as good as gone. */
const PATIENCE_MS = 5000;

export const token = {
  get() { try { return sessionStorage.getItem(NAME) ?? ""; } catch { return ""; } },
  set(value) { try { if (value) sessionStorage.setItem(NAME, value); else sessionStorage.removeItem(NAME); } catch { /* this page only */ } },
};

async function ask(path) {
  const headers = token.get() ? { authorization: `Bearer ${token.get()}` } : {};
  return fetch(path, { headers, cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** All runs by channel; {refused: true} if the token is missing or wrong. Throws if the server cannot be reached. */
export async function runs() {
  const answer = await ask("../dashboard_run_data");
  if (answer.status === 401) return { refused: true };
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return { runs: (await answer.json()) ?? {} };
}

/** The mapping in use, or null: the page works without it. */
export async function mapping() {
  try {
    const answer = await ask("mapping");
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}
