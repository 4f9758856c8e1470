// From the entries to the rows on the screen: who is switched off, which level, which filters. In slices.
import { STRIDE_CHARACTERS, UNKNOWN_LEVEL, upperBound } from "./entry.js";

/** A row is {entry, skipped: 0} for a line, or {entry, skipped: n} for a run of n filtered lines that begins with entry. */
class Rows {
  rows = [];
  /** Position of each row's entry in the store. */
  starts = [];
  /** Position of the next entry to look at. */
  cursor;
  filtered = 0;
  displayed = 0;

  constructor(cursor) {
    this.cursor = cursor;
  }

  /** These rows up to a position, as the beginning of new ones. */
  copyUpTo(position) {
    const copy = new Rows(this.cursor);
    Object.assign(copy, { rows: this.rows.slice(), starts: this.starts.slice(), filtered: this.filtered, displayed: this.displayed });
    copy.rewind(position);
    return copy;
  }

  /** Forgets what is known of the entries from a position on. → index of the first row that went or changed */
  rewind(position) {
    if (position >= this.cursor) return this.rows.length;
    this.cursor = position;
    // A run that reaches over the position is looked at again from its beginning; lines without row in it make its end unknown.
    while (this.rows.length > 0 && (this.starts.at(-1) >= position || this.rows.at(-1).skipped > 0)) {
      const { skipped } = this.rows.pop();
      this.cursor = Math.min(this.cursor, this.starts.pop());
      if (skipped > 0) this.filtered -= skipped;
      else this.displayed -= 1;
    }
    return this.rows.length;
  }

  /** Takes the rows that begin before a position away. → how many */
  dropBefore(position) {
    let gone = 0;
    while (gone < this.starts.length && this.starts[gone] < position) gone += 1;
    for (const { skipped } of this.rows.splice(0, gone)) {
      if (skipped > 0) this.filtered -= skipped;
      else this.displayed -= 1;
    }
    this.starts.splice(0, gone);
    this.cursor = Math.max(this.cursor, position);
    return gone;
  }

  /** Puts a run before all rows. */
  prepend(entry, position, skipped) {
    this.rows.unshift({ entry, skipped });
    this.starts.unshift(position);
    this.filtered += skipped;
  }

  push(entry, position, passes) {
    const last = this.rows.at(-1);
    if (passes) {
      this.displayed += 1;
    } else {
      this.filtered += 1;
      if (last !== undefined && last.skipped > 0) {
        this.rows[this.rows.length - 1] = { entry: last.entry, skipped: last.skipped + 1 };
        return;
      }
    }
    this.rows.push({ entry, skipped: passes ? 0 : 1 });
    this.starts.push(position);
  }
}

// Up to so many entries are worked out again in place; more are prepared aside, so that the screen does not shrink meanwhile.
const IN_PLACE_MAX = 5000;

/**
 * Owns the rows shown and, after a change to the conditions, the new ones being prepared. Call `advance` until `pending` is false.
 */
export class Pipeline {
  #shown;
  #next = null;
  /** Entries of lower rank are hidden. */
  level = 0;

  constructor(store, filters) {
    this.store = store;
    this.filters = filters;
    this.#shown = new Rows(store.first);
  }

  get rows() {
    return this.#shown.rows;
  }

  get displayed() {
    return this.#shown.displayed;
  }

  get filtered() {
    return this.#shown.filtered;
  }

  /** Lines without a row because of their level or user. */
  get hidden() {
    return Math.max(0, this.#shown.cursor - this.store.first - this.displayed - this.filtered);
  }

  get pending() {
    return this.#next !== null || this.#shown.cursor < this.store.end;
  }

  /** The conditions have changed: everything is looked at again. */
  restart() {
    this.#next = new Rows(this.store.first);
  }

  /** The store has changed from a position on. → index of the first row shown that is no longer valid */
  changed(from) {
    if (this.#next !== null) {
      this.#next.rewind(from);
      return this.rows.length;
    }
    if (from >= this.#shown.cursor) return this.rows.length;
    if (this.store.end - from <= IN_PLACE_MAX) return this.#shown.rewind(from);
    this.#next = this.#shown.copyUpTo(from);
    return this.rows.length;
  }

  /** The oldest entries went. → by how many rows those shown have moved up */
  dropped() {
    if (this.#next !== null) this.#dropFrom(this.#next);
    return this.#dropFrom(this.#shown);
  }

  /** Everything went. */
  cleared() {
    this.#next = null;
    this.#shown = new Rows(this.store.first);
  }

  /** Works until done or until `late()` says so. → true when the rows shown have been replaced by others */
  advance(late) {
    const target = this.#next ?? this.#shown;
    const { store, filters } = this;
    const end = store.end;
    let looked = 0;
    while (target.cursor < end) {
      const position = target.cursor;
      const entry = store.at(position);
      target.cursor += 1;
      if (this.#wanted(entry)) target.push(entry, position, filters.accepts(entry));
      looked += entry.cost;
      if (looked < STRIDE_CHARACTERS) continue;
      looked = 0;
      if (late()) break;
    }
    if (target.cursor < end || target !== this.#next) return false;
    this.#shown = target;
    this.#next = null;
    return true;
  }

  #wanted({ rank, actor }) {
    return actor.on && (rank >= this.level || rank === UNKNOWN_LEVEL);
  }

  /** Of a run that began before the oldest entry left, the rest stays. */
  #dropFrom(target) {
    const { store, filters } = this;
    const gone = target.dropBefore(store.first);
    if (gone === 0) return 0;
    const end = target.starts[0] ?? target.cursor;
    let first = -1;
    let skipped = 0;
    for (let position = store.first; position < end; position += 1) {
      const entry = store.at(position);
      if (!this.#wanted(entry) || filters.accepts(entry)) continue;
      if (skipped === 0) first = position;
      skipped += 1;
    }
    if (skipped === 0) return gone;
    target.prepend(store.at(first), first, skipped);
    return gone - 1;
  }

  /** Index of an entry's row, or -1. */
  indexOf(entry) {
    return this.rows.findIndex((row) => row.entry === entry && row.skipped === 0);
  }

  /** Index of the row at or before an entry's place. */
  nearest(entry) {
    return Math.max(0, upperBound(this.rows, entry, (row) => row.entry) - 1);
  }
}
