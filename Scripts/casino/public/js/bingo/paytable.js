// The pay table: each pattern as a small picture, and what it pays at the present stake.
import { h } from "../dom.js";
import { PATTERNS } from "./rules.js";

const POSITIONS = 15;

export class PayTable {
  constructor() {
    this.stake = h("span");
    this.list = h("ul", {});
    this.element = h("details", { class: "panel pays", open: window.matchMedia("(min-width: 1100px)").matches },
      h("summary", {}, h("h2", {}, "Pay table"), this.stake), this.list,
      h("p", { class: "small" }, "The best pattern of each card pays. Ringed numbers on the cards are one ball away from more."));
  }

  /** @param {object} pays multiples by pattern  @param {number} stake per card  @param {(n: number) => string} format */
  show(pays, stake, format) {
    const shown = PATTERNS.filter(({ name }) => pays[name] > 0).sort((a, b) => pays[b.name] - pays[a.name]);
    this.stake.textContent = `at ${format(stake)} per card`;
    this.list.replaceChildren(...shown.map(({ name, title, sets }) => h("li", { dataset: { pattern: name } },
      h("span", { class: "picture", "aria-hidden": "true" },
        Array.from({ length: POSITIONS }, (_, i) => h("i", { class: sets[0].includes(i) ? "on" : null }))),
      h("span", { class: "pattern" }, title),
      h("span", { class: "pay" }, format(pays[name] * stake), h("small", {}, `× ${pays[name]}`)))));
  }

  highlight(names) {
    for (const row of this.list.children) row.classList.toggle("won", names.includes(row.dataset.pattern));
  }
}
