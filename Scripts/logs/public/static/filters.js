// The list of regular expressions that decide which lines are shown.

export const FILTERS_MAX = 50;
export const PATTERN_LENGTH_MAX = 1000;

/** Source text → {test} or {error}. `/…/flags` may be written to set flags. */
export function compile(pattern) {
  const written = /^\/(.+)\/([a-z]*)$/s.exec(pattern);
  try {
    // No state may stay in the expression between lines, as flags g and y would keep.
    const expression = written ? new RegExp(written[1], written[2].replace(/[gy]/g, "")) : new RegExp(pattern);
    return { test: (text) => expression.test(text) };
  } catch (error) {
    return { error: error.message.replace(/^Invalid regular expression: /, "") };
  }
}

export class Filters {
  /** {pattern, enabled, negated, error: text or null} */
  list = [];
  /** Changes whenever the verdict on a line may have changed. */
  version = 1;
  #active = [];

  get activeCount() {
    return this.#active.length;
  }

  add(pattern = "") {
    if (this.list.length >= FILTERS_MAX) return null;
    const filter = { pattern: "", enabled: true, negated: false, error: null };
    this.list.push(filter);
    this.change(filter, { pattern });
    return filter;
  }

  /** Changes some of a filter's pattern, enabled, negated. */
  change(filter, changes) {
    Object.assign(filter, changes);
    filter.pattern = filter.pattern.slice(0, PATTERN_LENGTH_MAX);
    this.#refresh();
  }

  remove(filter) {
    this.list = this.list.filter((other) => other !== filter);
    this.#refresh();
  }

  /** Whether all filters in force hold; an invalid or empty one is not in force. */
  accepts(entry) {
    if (entry.judgedBy !== this.version) {
      entry.verdict = this.#active.every(({ test, negated }) => test(entry.text) !== negated);
      entry.judgedBy = this.version;
    }
    return entry.verdict;
  }

  /** For the browser's storage. */
  saved() {
    return this.list.map(({ pattern, enabled, negated }) => ({ pattern, enabled, negated }));
  }

  /** Takes what was saved; anything else in there is passed over. */
  restore(saved) {
    const usable = Array.isArray(saved) ? saved.filter((one) => typeof one?.pattern === "string") : [];
    this.list = usable.slice(0, FILTERS_MAX).map(({ pattern, enabled, negated }) => ({
      pattern: pattern.slice(0, PATTERN_LENGTH_MAX), enabled: enabled !== false, negated: negated === true, error: null,
    }));
    this.#refresh();
  }

  #refresh() {
    this.version += 1;
    this.#active = [];
    for (const filter of this.list) {
      const { test, error } = compile(filter.pattern);
      filter.error = error ?? null;
      if (test && filter.enabled && filter.pattern !== "") this.#active.push({ test, negated: filter.negated });
    }
  }
}
