// What the page asks the gateway for.
import { ask, kept, send } from "../../lib/server.js";
import { Refused } from "../../lib/watch.js";

/** Token for the figures, where the server wants one. */
export const token = kept("gateway.token");
/** Token for shutting down and rebooting. */
export const adminToken = kept("gateway.admin");

/** The statistics. Throws `Refused` if a token is missing or wrong, or what went wrong. */
export async function stats() {
  const answer = await ask("/gateway/stats", token.get() || adminToken.get());
  if (answer.status === 401) throw new Refused();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** Tells services to stop ("shutdown") or to restart ("reboot"). Returns {sent} or {problem}. */
export async function tell(what, target, reason) {
  const answer = await send(`/gateway/admin/${what}`, adminToken.get(), { target, reason: reason || undefined });
  if (answer.status === 404) return { problem: "No administrator's token is set on this server: set GATEWAY_ADMIN_TOKEN and start it again." };
  if (answer.status === 401) return { problem: "The administrator's token is wrong.", refused: true };
  if (!answer.ok) return { problem: `The server answered with status ${answer.status}.` };
  return answer.json();
}
