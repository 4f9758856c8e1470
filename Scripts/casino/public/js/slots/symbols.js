// Symbols as pictures: symbols/<name>.svg in the game's folder for browsers, or the name where there is none.
import { h } from "../dom.js";

export const nameOf = (symbol) => symbol.replace(/[_-]+/g, " ").replace(/^./, (first) => first.toUpperCase());

export class Symbols {
  #missing = new Set();

  /** @param {string} game id */
  constructor(game) {
    this.folder = `/game/${encodeURIComponent(game)}/symbols/`;
  }

  /** An element with the picture, square. */
  picture(symbol, alt = "") {
    if (this.#missing.has(symbol)) return this.#word(symbol);
    const picture = h("img", { src: `${this.folder}${encodeURIComponent(symbol)}.svg`, alt, width: 100, height: 100, draggable: "false" });
    picture.addEventListener("error", () => {
      this.#missing.add(symbol);
      picture.replaceWith(this.#word(symbol));
    }, { once: true });
    return picture;
  }

  #word(symbol) {
    return h("span", { class: "word" }, nameOf(symbol));
  }
}
