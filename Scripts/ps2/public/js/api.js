// Talking to the server. The token stays in this tab's session and goes nowhere but into the header.

const NAME = "ps2.token";

/** Token for the page, where the server wants one. */
export const token = {
  get() { try { return sessionStorage.getItem(NAME) ?? ""; } catch { return ""; } },
  set(value) { try { if (value) sessionStorage.setItem(NAME, value); else sessionStorage.removeItem(NAME); } catch { /* this page only */ } },
};

/** Longest time for an answer, milliseconds; a server that needs more is as good as gone. */
const PATIENCE = 5000;

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token.get()) headers.authorization = `Bearer ${token.get()}`;
  return fetch(path, { ...options, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
}

/** Everything, with the events behind a number; {refused: true} if a token is missing or wrong. Throws if the server cannot be reached. */
export async function state(after) {
  const answer = await ask(`/triggers/state?after=${after}`);
  if (answer.status === 401) return { refused: true };
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** Asks something that has an answer or a {problem} in words. */
export async function post(path, body) {
  try {
    const answer = await ask(`/triggers/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const value = await answer.json();
    return answer.ok ? value : { problem: value.error?.message ?? `The server answered with status ${answer.status}.` };
  } catch {
    return { problem: "The server could not be reached." };
  }
}
