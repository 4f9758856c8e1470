// Talking to the server. The token stays in this tab's session and goes nowhere but into the header.

const NAME = "backoffice.token";

export const token = {
  get() { try { return sessionStorage.getItem(NAME) ?? ""; } catch { return ""; } },
  set(value) { try { if (value) sessionStorage.setItem(NAME, value); else sessionStorage.removeItem(NAME); } catch { /* this page only */ } },
};

/** Longest time for an answer, milliseconds; a server that needs more is as good as gone. */
const PATIENCE = 8000;

/** The token is missing or wrong. */
export class Refused extends Error {}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token.get()) headers.authorization = `Bearer ${token.get()}`;
  const answer = await fetch(`/books/${path}`, { ...options, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 401) throw new Refused();
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** What is at a path of the books; null if there is nothing. Throws `Refused`, or what went wrong. */
export const get = (path, query = {}) => {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return ask(text ? `${path}?${text}` : path);
};

/** Changes something; answers what it is now. */
export const post = (path, body) => ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
