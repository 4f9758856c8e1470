// Which rows contain the words looked for. In slices; new rows are looked at as they come.
import { STRIDE_CHARACTERS } from "./entry.js";

export const QUERY_LENGTH_MIN = 2;
export const QUERY_LENGTH_MAX = 200;

/** The expression for a query: its characters as they are, in any letter case. */
export function expressionFor(query, flags = "iu") {
  return new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), flags);
}

/** A line cut at the hits: [{text, hit}]. */
export function pieces(line, expression) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(expression)) {
    if (match[0] === "") continue;
    if (match.index > end) parts.push({ text: line.slice(end, match.index), hit: false });
    end = match.index + match[0].length;
    parts.push({ text: match[0], hit: true });
  }
  if (end < line.length || parts.length === 0) parts.push({ text: line.slice(end), hit: false });
  return parts;
}

export class Search {
  query = "";
  /** Indexes of the rows that contain the query, growing. */
  hits = [];
  /** The hit being shown, as index of `hits`, or -1. */
  current = -1;
  #expression = null;
  #cursor = 0;
  #entry = null;

  get active() {
    return this.#expression !== null;
  }

  /** The expression that marks all hits in a line, or null. */
  get marker() {
    return this.active ? expressionFor(this.query, "giu") : null;
  }

  /** The entry of the current hit. */
  get entry() {
    return this.#entry;
  }

  pending(rows) {
    return this.active && this.#cursor < rows.length;
  }

  /** A new query; one that is too short looks for nothing. */
  set(query) {
    this.query = query.slice(0, QUERY_LENGTH_MAX);
    this.#expression = [...this.query].length >= QUERY_LENGTH_MIN ? expressionFor(this.query) : null;
    this.#entry = null;
    this.restart();
  }

  /** The rows are others now. */
  restart() {
    this.hits = [];
    this.current = -1;
    this.#cursor = 0;
  }

  /** The rows from an index on are others now. */
  rewind(index) {
    if (index >= this.#cursor) return;
    this.#cursor = index;
    while (this.hits.length > 0 && this.hits.at(-1) >= index) this.hits.pop();
    if (this.current >= this.hits.length) this.current = -1;
  }

  /** The first rows went. */
  dropped(rows) {
    if (!this.active || rows === 0) return;
    const kept = this.hits.findIndex((hit) => hit >= rows);
    const gone = kept < 0 ? this.hits.length : kept;
    this.hits = this.hits.slice(gone).map((hit) => hit - rows);
    this.current = this.current >= gone ? this.current - gone : -1;
    this.#cursor = Math.max(0, this.#cursor - rows);
  }

  /** Works until done or until `late()` says so. → true when there are more hits than before */
  advance(rows, late) {
    const before = this.hits.length;
    let looked = 0;
    while (this.active && this.#cursor < rows.length) {
      const index = this.#cursor;
      const { entry, skipped } = rows[index];
      this.#cursor += 1;
      if (skipped === 0 && this.#expression.test(entry.line)) {
        if (entry === this.#entry) this.current = this.hits.length;
        this.hits.push(index);
      }
      looked += entry.cost;
      if (looked < STRIDE_CHARACTERS) continue;
      looked = 0;
      if (late()) break;
    }
    return this.hits.length > before;
  }

  /** Goes to the next hit (direction 1) or the one before (-1), around the end; the first time to the first one at or after row `near`. → row index or -1 */
  go(direction, rows, near = 0) {
    const { hits } = this;
    if (hits.length === 0) return -1;
    if (this.current >= 0) {
      this.current = (this.current + direction + hits.length) % hits.length;
    } else {
      const place = hits.findIndex((hit) => hit >= near);
      if (direction > 0) this.current = place < 0 ? 0 : place;
      else this.current = place < 0 ? hits.length - 1 : (place - 1 + hits.length) % hits.length;
    }
    this.#entry = rows[hits[this.current]].entry;
    return hits[this.current];
  }
}
