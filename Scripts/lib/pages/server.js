// Talking to the server. Tokens stay in this tab's session and go nowhere but into the header.

/** A text that is kept until the tab is closed, "" if there is none; where a browser keeps nothing, until the page is left. */
export function kept(name) {
  let here = "";
  return {
    get() { try { return sessionStorage.getItem(name) ?? ""; } catch { return here; } },
    set(value) {
      here = value;
      try { if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name); } catch { /* this page only */ }
    },
  };
}

/** Longest time for an answer, milliseconds; a server that needs more is as good as gone. */
const PATIENCE = 5000;

/** Asks for a path, with a token if there is one. Throws if the server cannot be reached. */
export function ask(path, token, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.authorization = `Bearer ${token}`;
  return fetch(path, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE), ...options, headers });
}

/** Posts a value as JSON. */
export function send(path, token, value) {
  return ask(path, token, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
}
