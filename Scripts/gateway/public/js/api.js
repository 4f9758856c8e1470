// Talking to the server. Tokens stay in this tab's session and go nowhere but into the header.

const kept = (name) => ({
  get() { try { return sessionStorage.getItem(name) ?? ""; } catch { return ""; } },
  set(value) { try { if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name); } catch { /* this page only */ } },
});

/** Token for the figures, where the server wants one. */
export const token = kept("gateway.token");
/** Token for shutting down and rebooting. */
export const adminToken = kept("gateway.admin");

/** Longest time for an answer, milliseconds; a server that needs more is as good as gone. */
const PATIENCE = 5000;

async function ask(path, bearer, options = {}) {
  const headers = { ...options.headers };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  return fetch(path, { ...options, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
}

/** The statistics; {refused: true} if a token is missing or wrong. Throws if the server cannot be reached. */
export async function stats() {
  const answer = await ask("/gateway/stats", token.get() || adminToken.get());
  if (answer.status === 401) return { refused: true };
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** Tells services to stop ("shutdown") or to restart ("reboot"). Returns {sent} or {problem}. */
export async function tell(what, target, reason) {
  const answer = await ask(`/gateway/admin/${what}`, adminToken.get(), {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ target, reason: reason || undefined }),
  });
  if (answer.status === 404) return { problem: "No administrator's token is set on this server: set GATEWAY_ADMIN_TOKEN and start it again." };
  if (answer.status === 401) return { problem: "The administrator's token is wrong.", refused: true };
  if (!answer.ok) return { problem: `The server answered with status ${answer.status}.` };
  return answer.json();
}
