// Asks the server for a channel's view key. The Argus token is sent once and kept nowhere.

const PATIENCE_MS = 10_000;

/** {channel, key} or {problem}. */
export const viewKey = (argusToken, renew) =>
  ask({ argusToken, renew }, "The server does not know this token. Copy it anew from argus_token.ini, or connect once more from the game.");

/** The key that opens with this delay and no other: {channel, key} or {problem}; `refused` when it was no key for that. */
export const keyOfDelay = (channel, key, delay) =>
  ask({ channel, key, delay }, "The key in this address is not right for this delay. Get the view key above.");

async function ask(question, refusal) {
  try {
    const answer = await fetch("view_key", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question),
      cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return await answer.json();
    if (answer.status === 429) return { problem: "Too many tries. Wait a minute." };
    if (answer.status >= 500) return { problem: "The server cannot make a key at the moment. Try again in a minute." };
    return { problem: refusal, refused: true };
  } catch {
    return { problem: "The server cannot be reached. Is it running?" };
  }
}
