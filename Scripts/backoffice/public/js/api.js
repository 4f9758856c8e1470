// What the page asks the books for.
import { ask, kept, send } from "../../lib/server.js";
import { Refused } from "../../lib/watch.js";

/** Token for the page, where the server wants one. */
export const token = kept("backoffice.token");

async function read(asked) {
  const answer = await asked;
  if (answer.status === 401) throw new Refused();
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** What is at a path of the books; null if there is nothing. Throws `Refused`, or what went wrong. */
export function get(path, query = {}) {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return read(ask(`/books/${text ? `${path}?${text}` : path}`, token.get()));
}

/** Changes something; answers what it is now. */
export const post = (path, body) => read(send(`/books/${path}`, token.get(), body));
