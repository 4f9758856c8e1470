// All entries kept, in order, within bounds.
import { compare, upperBound } from "./entry.js";

/** Lines kept; the oldest go first. 200,000 ordinary lines are about 100 MB in the browser. */
export const KEEP_LINES_MAX = 200_000;
/** Characters kept, for logs with very long lines. */
export const KEEP_CHARACTERS_MAX = 100_000_000;
// Over the limit this part goes at once, so that a full list is not shifted for each new line.
const DROP_PART = 0.05;

/**
 * Positions are absolute: the first entry ever has 0, and dropping the oldest moves `first` on, so that a position
 * stays valid while the list slides.
 */
export class Store {
  entries = [];
  /** Position of entries[0]. */
  first = 0;
  /** How many went because of the limits. */
  dropped = 0;
  #characters = 0;
  #counts = new Map();

  constructor({ linesMax = KEEP_LINES_MAX, charactersMax = KEEP_CHARACTERS_MAX } = {}) {
    this.linesMax = linesMax;
    this.charactersMax = charactersMax;
  }

  /** Position after the last entry. */
  get end() {
    return this.first + this.entries.length;
  }

  at(position) {
    return this.entries[position - this.first];
  }

  /** How many entries have the rank. */
  countOf(rank) {
    return this.#counts.get(rank) ?? 0;
  }

  /** Puts entries in their places. → {from: position of the first changed place, dropped: entries that went} */
  add(batch) {
    if (batch.length === 0) return { from: this.end, dropped: [] };
    for (const entry of batch) this.#account(entry, 1);
    const sorted = batch.every((entry, i) => i === 0 || compare(batch[i - 1], entry) <= 0) ? batch : [...batch].sort(compare);
    const last = this.entries.at(-1);
    let from = this.end;
    if (last === undefined || compare(last, sorted[0]) <= 0) {
      for (const entry of sorted) this.entries.push(entry);
    } else {
      const place = upperBound(this.entries, sorted[0]);
      from = this.first + place;
      this.#merge(place, sorted);
    }
    return { from, dropped: this.#trim() };
  }

  /** Takes out a set of entries. → position of the first change */
  remove(gone) {
    const place = this.entries.findIndex((entry) => gone.has(entry));
    if (place < 0) return this.end;
    for (const entry of this.entries) if (gone.has(entry)) this.#account(entry, -1);
    this.entries = this.entries.filter((entry) => !gone.has(entry));
    return this.first + place;
  }

  clear() {
    this.first = this.end;
    this.entries = [];
    this.dropped = 0;
    this.#characters = 0;
    this.#counts.clear();
  }

  /** Late entries: everything from `place` on is merged with them. */
  #merge(place, sorted) {
    const tail = this.entries.slice(place);
    this.entries.length = place;
    let i = 0;
    for (const entry of sorted) {
      while (i < tail.length && compare(tail[i], entry) <= 0) this.entries.push(tail[i++]);
      this.entries.push(entry);
    }
    while (i < tail.length) this.entries.push(tail[i++]);
  }

  #trim() {
    let gone = 0;
    let characters = this.#characters;
    if (this.entries.length > this.linesMax) gone = this.entries.length - Math.floor(this.linesMax * (1 - DROP_PART));
    for (let i = 0; i < gone; i += 1) characters -= this.entries[i].cost;
    if (characters > this.charactersMax) {
      const target = this.charactersMax * (1 - DROP_PART);
      while (gone < this.entries.length - 1 && characters > target) characters -= this.entries[gone++].cost;
    }
    if (gone === 0) return [];
    const dropped = this.entries.splice(0, gone);
    for (const entry of dropped) this.#account(entry, -1);
    this.first += gone;
    this.dropped += gone;
    return dropped;
  }

  #account(entry, sign) {
    this.#characters += sign * entry.cost;
    this.#counts.set(entry.rank, this.countOf(entry.rank) + sign);
  }
}
