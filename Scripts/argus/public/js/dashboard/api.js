// What the dashboard asks for.
import { ask, kept } from "../../../lib/server.js";
import { Refused } from "../../../lib/watch.js";

/** Token for the dashboard, where the server wants one. */
export const token = kept("argus.dashboard");

/** All runs by channel. Throws `Refused` if the token is missing or wrong, or what went wrong. */
export async function runs() {
  const answer = await ask("../dashboard_run_data", token.get(), { cache: "no-cache" });
  if (answer.status === 401) throw new Refused();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()) ?? {};
}

/** The mapping in use, or null: the page works without it. */
export async function mapping() {
  try {
    const answer = await ask("mapping", token.get(), { cache: "no-cache" });
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}
