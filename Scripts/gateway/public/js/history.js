// Rates of the last minutes, from counters that only rise.

/** Samples that are kept: one a second for five minutes. */
export const LENGTH = 300;

export class History {
  #before = null;
  /** Seconds between samples vary; each has its time and its rates by name. */
  samples = [];

  /** Takes counters by name at a time in milliseconds. A counter that falls means that the server started again. */
  add(counters, now) {
    const before = this.#before;
    this.#before = { counters: { ...counters }, now };
    if (!before || now <= before.now) return;
    const seconds = (now - before.now) / 1000;
    const rates = {};
    for (const [name, count] of Object.entries(counters)) {
      const rise = count - (before.counters[name] ?? 0);
      rates[name] = (rise < 0 ? count : rise) / seconds;
    }
    this.samples.push({ now, rates });
    while (this.samples.length > LENGTH || this.samples[0].now < now - LENGTH * 1000) this.samples.shift();
  }

  /** The latest rate of a name. */
  latest(name) { return this.samples.at(-1)?.rates[name] ?? 0; }

  /** The names with the most events, most first; the rest are "other". */
  names(most) {
    const sums = {};
    for (const { rates } of this.samples) for (const [name, rate] of Object.entries(rates)) sums[name] = (sums[name] ?? 0) + rate;
    const sorted = Object.keys(sums).filter((name) => sums[name] > 0).sort((a, b) => sums[b] - sums[a] || (a < b ? -1 : 1));
    return { named: sorted.slice(0, most), rest: sorted.slice(most) };
  }
}
