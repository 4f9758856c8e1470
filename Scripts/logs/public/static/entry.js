// One log entry: what the viewer reads from it, worked out once, and the order of entries.

/** Levels from the least to the most important. */
export const LEVELS = ["trace", "debug", "info", "warn", "error"];
/** Rank of an entry whose level is none of these; it passes every level. */
export const UNKNOWN_LEVEL = -1;

/** Characters of entries looked at between two looks at the clock; about 250 ordinary lines, or a single very long one. */
export const STRIDE_CHARACTERS = 65_536;

// What an entry costs apart from its texts, in characters; limits count with it, nothing else.
const BASE_COST = 200;

const two = (number) => String(number).padStart(2, "0");
const number = (value) => typeof value === "number" && Number.isFinite(value) ? value : null;
const string = (value) => typeof value === "string" ? value : "";

/** Unix milliseconds → `HH:MM:SS:mmm` in local time, or null where the number is no time. */
export function clock(milliseconds) {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return null;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}:${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Rank of a level's name in any letter case. */
export const rankOf = (level) => LEVELS.indexOf(string(level).toLowerCase());

/** The line as shown: time, level and message where the entry has them, else its text. */
export function lineOf(raw) {
  const time = number(raw.timestamp) !== null && typeof raw.msg === "string" ? clock(raw.timestamp) : null;
  return time === null ? string(raw.text) || string(raw.msg) : `${time} [${string(raw.level)}] ${raw.msg}`;
}

function costOf(raw) {
  let cost = BASE_COST;
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    cost += name.length;
    if (typeof value === "string") cost += value.length;
    else if (typeof value === "object" && value !== null) {
      try { cost += JSON.stringify(value).length; } catch { cost += BASE_COST; } // nested too deeply to be written
    }
  }
  return cost;
}

export const isEntry = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export class Entry {
  #line = null;
  /** Filter verdict and the set of filters it belongs to. */
  verdict = true;
  judgedBy = 0;

  /** @param raw the entry as it came; kept unchanged. @param actor who logged it. */
  constructor(raw, actor) {
    this.raw = raw;
    this.actor = actor;
    this.rank = rankOf(raw.level);
    this.sequence = number(raw.seqNumber);
    this.serverTime = number(raw.serverTime);
    this.timestamp = number(raw.timestamp);
    this.cost = costOf(raw);
  }

  get line() {
    return this.#line ??= lineOf(this.raw);
  }

  /** What filters look at. */
  get text() {
    return typeof this.raw.text === "string" ? this.raw.text : this.line;
  }

  /** Names the entry in bookmarks, also after the page has been loaded again. */
  get key() {
    return JSON.stringify([this.sequence, this.serverTime, this.timestamp, string(this.raw.user).slice(0, 40), this.line.slice(0, 120)]);
  }
}

/** Order of two entries: by sequence number, else server time, else client time; what cannot be compared keeps its order. */
export function compare(a, b) {
  if (a.sequence !== null && b.sequence !== null) return a.sequence - b.sequence;
  if (a.serverTime !== null && b.serverTime !== null) return a.serverTime - b.serverTime;
  if (a.timestamp !== null && b.timestamp !== null) return a.timestamp - b.timestamp;
  return 0;
}

/** Index of the first of `items` (in order) that comes after `entry`; `entryOf` gives an item's entry. */
export function upperBound(items, entry, entryOf = (item) => item) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(entryOf(items[middle]), entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
