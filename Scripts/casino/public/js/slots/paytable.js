// What each symbol pays at the present stake, and how the lines run.
import { h } from "../dom.js";
import { COLORS } from "./reels.js";
import { nameOf } from "./symbols.js";

export class PayTable {
  /** @param {import("./symbols.js").Symbols} symbols */
  constructor(symbols) {
    this.symbols = symbols;
    this.stake = h("span");
    this.list = h("ul", { class: "pay-list" });
    this.lines = h("ol", { class: "line-list" });
    this.rule = h("p", { class: "small" });
    this.element = h("details", { class: "panel pays", open: window.matchMedia("(min-width: 1100px)").matches },
      h("summary", {}, h("h2", {}, "Pay table"), this.stake), this.list, this.rule, h("h3", {}, "Lines"), this.lines);
  }

  /** @param {object} settings of the game  @param {number} stake per line  @param {(n: number) => string} format */
  show(settings, stake, format) {
    const { pays, wild, paylines, rows = 3 } = settings;
    this.stake.textContent = `at ${format(stake)} per line`;
    const best = (symbol) => Math.max(0, ...Object.values(pays[symbol]));
    this.list.replaceChildren(...Object.keys(pays).sort((a, b) => best(b) - best(a)).map((symbol) => h("li", { dataset: { symbol } },
      this.symbols.picture(symbol, nameOf(symbol)),
      h("dl", {}, Object.entries(pays[symbol]).sort(([a], [b]) => b - a).map(([count, pay]) =>
        h("div", {}, h("dt", {}, `${count} ×`), h("dd", {}, format(pay * stake))))))));
    this.rule.textContent = `Lines pay from the left; the best win of each line counts.${wild ? ` ${nameOf(wild)} stands for every other symbol.` : ""}`;
    this.lines.replaceChildren(...paylines.map((line, number) => h("li", { dataset: { color: number % COLORS }, "aria-label": `Line ${number + 1}: rows ${line.map((row) => row + 1).join(", ")}` },
      h("b", {}, number + 1),
      h("span", { class: "line-picture" }, Array.from({ length: rows }, (_, row) => h("span", {}, line.map((at) => h("i", { class: at === row ? "on" : null }))))))));
  }

  /** Marks what has won: symbols, and lines from 0. */
  highlight(symbols, lines) {
    for (const row of this.list.children) row.classList.toggle("won", symbols.includes(row.dataset.symbol));
    [...this.lines.children].forEach((row, line) => row.classList.toggle("won", lines.includes(line)));
  }
}
