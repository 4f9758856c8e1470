// Asks the server for a channel's view key. The Argus token is sent once and kept nowhere.

const PATIENCE_MS = 10_000;

/** {channel, key} or {problem}. */
export async function viewKey(argusToken, renew) {
  try {
    const answer = await fetch("view_key", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ argusToken, renew }),
      cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return await answer.json();
    if (answer.status === 429) return { problem: "Too many tries. Wait a minute." };
    if (answer.status >= 500) return { problem: "The server cannot make a key at the moment. Try again in a minute." };
    return { problem: "The server does not know this token. Copy it anew from argus_token.ini, or connect once more from the game." };
  } catch {
    return { problem: "The server cannot be reached. Is it running?" };
  }
}
