// Which lines are selected, and the one that keyboard and details look at.

export class Selection {
  entries = new Set();
  /** The line last touched, or null. */
  active = null;
  // Where a range begins.
  #anchor = null;

  get size() {
    return this.entries.size;
  }

  has(entry) {
    return this.entries.has(entry);
  }

  /** Selects one line alone. */
  only(entry) {
    this.entries = new Set([entry]);
    this.active = this.#anchor = entry;
  }

  /** Selects one line more, or one less. */
  toggle(entry) {
    if (!this.entries.delete(entry)) this.entries.add(entry);
    this.active = this.#anchor = entry;
  }

  /** Moves to a line without selecting. */
  moveTo(entry) {
    this.active = entry;
  }

  /** Selects all lines from the beginning of the range to an entry; skipped lines are no part of it. */
  range(entry, rows) {
    const from = rows.findIndex((row) => row.entry === (this.#anchor ?? entry) && row.skipped === 0);
    const to = rows.findIndex((row) => row.entry === entry && row.skipped === 0);
    if (to < 0) return;
    if (from < 0) return this.only(entry);
    const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.entries = new Set(between.filter((row) => row.skipped === 0).map((row) => row.entry));
    this.active = entry;
  }

  all(rows) {
    this.entries = new Set(rows.filter((row) => row.skipped === 0).map((row) => row.entry));
  }

  /** Entries that are there no more. */
  forget(gone) {
    for (const entry of gone) {
      this.entries.delete(entry);
      if (entry === this.active) this.active = null;
      if (entry === this.#anchor) this.#anchor = null;
    }
  }

  clear() {
    this.entries.clear();
    this.active = this.#anchor = null;
  }

  /** Selects nothing; the active line stays. */
  none() {
    this.entries.clear();
  }
}
