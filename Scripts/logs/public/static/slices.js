// Long work in short slices, so that the page answers in between.

/** Length of a slice: a frame of 60 per second leaves 16 ms, and drawing needs some of it. */
export const SLICE_MS = 8;

/** → a function that tells whether the slice that begins now is over */
export function slice(ms = SLICE_MS) {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
}

// A message comes back sooner than a timer, also in a page that is not looked at.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

/** Calls back after the browser has had its turn. */
export function later(body) {
  waiting.push(body);
  channel.port2.postMessage(null);
}

/** Lets the browser have its turn. */
export const pause = () => new Promise((done) => later(done));

// An entry nested too deeply to be written is left out.
function textOf(raw) {
  try { return JSON.stringify(raw); } catch { return null; }
}

/** JSON texts of the newest entries within `charactersMax`, in order, in parts to be joined by commas. → {parts, lines} */
export async function jsonOf(entries, charactersMax = Infinity) {
  const texts = [];
  let characters = 2;
  let late = slice();
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const text = textOf(entries[i].raw);
    if (text === null) continue;
    characters += text.length + 2;
    if (characters > charactersMax) break;
    texts.push(text);
    if (late()) {
      await pause();
      late = slice();
    }
  }
  const lines = texts.length;
  const parts = [];
  for (let i = lines; i > 0; i -= 1000) {
    parts.push(texts.slice(Math.max(0, i - 1000), i).reverse().join(",\n"));
    if (late()) {
      await pause();
      late = slice();
    }
  }
  return { parts, lines };
}
