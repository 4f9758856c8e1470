// What the page asks the triggers for.
import { ask, kept, send } from "../../lib/server.js";
import { Refused } from "../../lib/watch.js";

/** Token for the page, where the server wants one. */
export const token = kept("ps2.token");

/** Everything: events behind the number `after`, triggers from the number `from` on that have `find` in name or file, and what is kept of the one called `trigger`. Throws `Refused` if a token is missing or wrong, or what went wrong. */
export async function state(question) {
  const answer = await ask(`/triggers/state?${new URLSearchParams(question)}`, token.get());
  if (answer.status === 401) throw new Refused();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** Asks something that has an answer or a {problem} in words. */
export async function post(path, body) {
  try {
    const answer = await send(`/triggers/${path}`, token.get(), body);
    const value = await answer.json();
    return answer.ok ? value : { problem: value.error?.message ?? `The server answered with status ${answer.status}.` };
  } catch {
    return { problem: "The server could not be reached." };
  }
}
