// The parts protocol: a message comes in pieces, each with a header *NONCE*INDEX*COUNT* before it, in any order.
// Nothing here touches the page or the clock: a state and a text go in, a new state and perhaps a whole message come out.

/** Broadcasts that are remembered, the present one included. Parts of those that are gone count as new ones. */
export const BROADCASTS_MAX = 10;
/** Most parts of one message; a run needs about ten. Keeps a wrong header from reserving memory. */
export const PARTS_MAX = 1000;
const NONCE_MAX = 2 ** 32 - 1;

/** Before anything has come. */
export const begin = () => ({ nonce: null, count: 0, pieces: {}, have: 0, done: false, archived: [] });

/** "*7*0*2*piece" → {nonce, index, count, piece}, or null if it is none. The piece may contain stars. */
export function header(text) {
  const match = /^\*(\d{1,10})\*(\d{1,6})\*(\d{1,6})\*/.exec(text);
  if (!match) return null;
  const [nonce, index, count] = match.slice(1).map(Number);
  if (nonce > NONCE_MAX || count < 1 || count > PARTS_MAX || index >= count) return null;
  return { nonce, index, count, piece: text.slice(match[0].length) };
}

/** One part: {state, message}. `message` is the joined text when this part was the last one missing. */
export function receive(state, text) {
  const part = header(text);
  if (!part || state.archived.includes(part.nonce)) return { state };
  let now = state;
  if (part.nonce !== state.nonce) {
    const archived = state.nonce === null ? [] : [state.nonce, ...state.archived].slice(0, BROADCASTS_MAX - 1);
    now = { ...begin(), nonce: part.nonce, count: part.count, archived };
  }
  // A count that differs from the first part's belongs to nothing that could be joined.
  if (now.done || part.count !== now.count || part.index in now.pieces) return { state: now };
  now = { ...now, pieces: { ...now.pieces, [part.index]: part.piece }, have: now.have + 1 };
  if (now.have < now.count) return { state: now };
  const message = Array.from({ length: now.count }, (_, index) => now.pieces[index]).join("");
  return { state: { ...now, pieces: {}, done: true }, message };
}
