// The reels: they turn, stop one after the other from the left, and show the lines that win.
import { h, reducedMotion } from "../dom.js";
import { nameOf } from "./symbols.js";

/** How long the first reel turns, and each next one longer, in milliseconds. */
export const SPEEDS = { slow: [1100, 320], normal: [700, 200], fast: [320, 70] };

/** Symbols that pass by while the first reel turns; each next one turns further. */
const PASSING = 10;
const PASSING_MORE = 4;
const SVG = "http://www.w3.org/2000/svg";

/** So many lines have a color of their own. */
export const COLORS = 10;

const svg = (tag, attributes) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

export class Reels {
  #running = [];
  #done = null;

  /** @param {import("./symbols.js").Symbols} symbols */
  constructor(symbols) {
    this.symbols = symbols;
    this.windows = [];
    this.lines = svg("svg", { class: "lines", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.row = h("div", { class: "reels", role: "img" });
    this.element = h("div", { class: "machine" }, this.row, this.lines);
  }

  get turning() {
    return this.#running.length > 0;
  }

  /** Shows these symbols at once, column by column. */
  place(windows) {
    this.#cancel();
    this.windows = windows;
    this.#fill(windows.map((symbols) => ({ strip: [symbols.at(-1), ...symbols] })));
    this.#describe();
  }

  /**
   * Turns the reels to where they stop.
   * @param {string[][]} windows the symbols to be shown
   * @param {number[]} stops place of the top one on its strip
   * @param {string[][]} strips
   * @param {keyof SPEEDS} speed
   * @param {() => void} done called at the end, in any case
   */
  turn(windows, stops, strips, speed, done) {
    const before = this.windows;
    if (!strips || reducedMotion() || document.hidden || before.length !== windows.length) {
      this.place(windows);
      return done();
    }
    this.#cancel();
    this.#done = done;
    this.windows = windows;
    const [first, more] = SPEEDS[speed];
    // What passes by are the strip's own symbols behind those that it stops at.
    const reels = windows.map((symbols, reel) => {
      const strip = strips[reel];
      const at = (place) => strip[(place + strip.length) % strip.length];
      const passing = Array.from({ length: PASSING + reel * PASSING_MORE }, (_, i) => at(stops[reel] + symbols.length + i));
      return { strip: [at(stops[reel] - 1), ...symbols, ...passing, ...before[reel]], passing: passing.length + symbols.length };
    });
    this.#fill(reels);
    this.#running = [...this.row.children].map((column, reel) => {
      const cells = reels[reel].strip.length;
      const shift = (count) => `translateY(${-100 * count / cells}%)`;
      const turning = column.firstElementChild.animate(
        [{ transform: shift(reels[reel].passing + 1) }, { transform: shift(0.72), offset: 0.86, easing: "ease-in-out" }, { transform: shift(1) }],
        { duration: first + reel * more, easing: "cubic-bezier(.3, .1, .35, 1)" });
      column.classList.add("turning");
      turning.onfinish = () => this.#stopped(column, turning);
      return turning;
    });
  }

  /** Stops what still turns. */
  skip() {
    for (const turning of [...this.#running]) turning.finish();
  }

  #stopped(column, turning) {
    column.classList.remove("turning");
    this.#running = this.#running.filter((other) => other !== turning);
    if (this.#running.length) return;
    const done = this.#done;
    this.place(this.windows); // only what can be seen
    done?.();
  }

  #cancel() {
    for (const turning of this.#running) {
      turning.onfinish = null;
      turning.cancel();
    }
    this.#running = [];
    this.#done = null;
    this.showLines([]);
  }

  /** Each column's strip, its first symbol just above what can be seen. */
  #fill(reels) {
    const rows = this.windows[0].length;
    this.row.style.setProperty("--rows", rows);
    this.row.style.setProperty("--reels", reels.length);
    this.lines.setAttribute("viewBox", `0 0 ${100 * reels.length} ${100 * rows}`);
    this.row.replaceChildren(...reels.map(({ strip }) => {
      const inner = h("div", { class: "strip" }, strip.map((symbol) => h("div", { class: "cell" }, this.symbols.picture(symbol))));
      inner.style.transform = `translateY(${-100 / strip.length}%)`;
      return h("div", { class: "reel" }, inner);
    }));
  }

  #describe() {
    const rows = this.windows[0].map((_, row) => this.windows.map((symbols) => nameOf(symbols[row])).join(", "));
    this.row.setAttribute("aria-label", `Reels, from the top row: ${rows.join("; ")}`);
  }

  /**
   * Draws lines across the reels and lifts the symbols that win on them.
   * @param {{line: number, rows: number[], count: number}[]} lines
   */
  showLines(lines) {
    this.lines.replaceChildren(...lines.flatMap(({ line, rows }) => {
      const points = [[0, rows[0]], ...rows.map((row, reel) => [reel + 0.5, row]), [rows.length, rows.at(-1)]]
        .map(([x, row]) => `${100 * x},${100 * row + 50}`).join(" ");
      return ["shade", "color"].map((kind) => svg("polyline", { points, class: kind, "data-color": line % COLORS }));
    }));
    const won = new Set(lines.flatMap(({ rows, count }) => rows.slice(0, count).map((row, reel) => `${reel},${row}`)));
    for (const [reel, column] of [...this.row.children].entries()) {
      const cells = column.firstElementChild.children;
      for (let row = 0; row < (this.windows[reel]?.length ?? 0); row += 1) {
        cells[row + 1].classList.toggle("won", won.has(`${reel},${row}`));
        cells[row + 1].classList.toggle("dim", won.size > 0 && !won.has(`${reel},${row}`));
      }
    }
  }

  dispose() {
    this.#cancel();
  }
}
