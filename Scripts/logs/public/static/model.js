// The viewer without its page: entries, who may be seen, what is looked for, what is selected.
import { Actors } from "./actors.js";
import { Bookmarks } from "./bookmarks.js";
import { Entry, UNKNOWN_LEVEL, isEntry, lineOf } from "./entry.js";
import { Filters } from "./filters.js";
import { Pipeline } from "./rows.js";
import { Search } from "./search.js";
import { Selection } from "./selection.js";
import { Store } from "./store.js";

export class Model {
  actors = new Actors();
  filters = new Filters();
  search = new Search();
  selection = new Selection();
  bookmarks = new Bookmarks();
  // Server's clock less the browser's, as far as entries have told.
  #ahead = 0;

  constructor({ limits, now = Date.now } = {}) {
    this.now = now;
    this.store = new Store(limits);
    this.pipeline = new Pipeline(this.store, this.filters);
  }

  get rows() {
    return this.pipeline.rows;
  }

  get pending() {
    return this.pipeline.pending || this.search.pending(this.rows);
  }

  /** Takes entries as they came. → how many of the values were none */
  add(values) {
    const batch = [];
    for (const value of values) {
      if (!isEntry(value)) continue;
      const entry = new Entry(value, this.actors.of(value.user));
      entry.actor.lines += 1;
      batch.push(entry);
    }
    const { from, dropped } = this.store.add(batch);
    this.search.rewind(this.pipeline.changed(from));
    if (dropped.length > 0) {
      this.#forget(dropped);
      this.search.dropped(this.pipeline.dropped());
    }
    return values.length - batch.length;
  }

  /** Takes entries that have just come from the server. */
  addLive(values) {
    const last = values.findLast((value) => isEntry(value) && Number.isFinite(value.serverTime));
    if (last) this.#ahead = last.serverTime - this.now();
    return this.add(values);
  }

  /** A line of the viewer itself; it is placed at the server's present. */
  status(level, msg) {
    const timestamp = this.now();
    const raw = { timestamp, level, msg, user: "app", room: "", serverTime: timestamp + this.#ahead };
    this.add([{ ...raw, text: lineOf(raw) }]);
  }

  /** Takes the selected lines out of the list. → how many */
  deleteSelected() {
    const gone = new Set(this.selection.entries);
    const from = this.store.remove(gone);
    this.#forget(gone);
    this.search.rewind(this.pipeline.changed(from));
    return gone.size;
  }

  clear() {
    this.store.clear();
    this.actors.clear();
    this.selection.clear();
    this.pipeline.cleared();
    this.search.restart();
  }

  setLevel(rank) {
    this.pipeline.level = rank;
    this.pipeline.restart();
  }

  toggleActor(id) {
    this.actors.toggle(id);
    this.pipeline.restart();
  }

  /** The filters have changed. */
  filtersChanged() {
    this.pipeline.restart();
  }

  /** Works on rows and search until done or until `late()` says so; `pending` tells whether something is left. */
  advance(late) {
    if (this.pipeline.advance(late)) {
      this.search.restart();
      // What cannot be seen is not deleted or bookmarked by accident.
      this.selection.forget([...this.selection.entries].filter((entry) => !this.#shows(entry)));
    }
    if (!this.pipeline.pending && this.search.active) this.search.advance(this.rows, late);
  }

  /** What the status box says. */
  get figures() {
    const { displayed, hidden, filtered } = this.pipeline;
    return { displayed, hidden, filtered, selected: this.selection.size, dropped: this.store.dropped };
  }

  #shows(entry) {
    return entry.actor.on && (entry.rank >= this.pipeline.level || entry.rank === UNKNOWN_LEVEL) && this.filters.accepts(entry);
  }

  #forget(entries) {
    this.selection.forget(entries);
    for (const { actor } of entries) actor.lines -= 1;
  }
}
