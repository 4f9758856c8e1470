// The player's cards.
import { h } from "../dom.js";
import { best, chances, positionsOf, titleOf } from "./rules.js";

const COLUMNS = 5;

class Card {
  constructor(index) {
    this.index = index;
    this.hit = new Set();
    this.numbers = [];
    this.cells = [];
    this.win = h("span", { class: "card-win" });
    this.body = h("tbody");
    this.element = h("section", { class: "card", "aria-label": `Card ${index + 1}` },
      h("header", {},
        h("img", { src: `/static/img/moon-${index % 4 + 1}.svg`, alt: "", width: 22, height: 22 }),
        h("h3", {}, `Card ${index + 1}`), this.win),
      h("table", {}, this.body));
  }

  deal(numbers) {
    this.numbers = numbers;
    this.cells = numbers.map((number) => h("td", {}, h("span", {}, String(number))));
    const rows = [];
    for (let i = 0; i < this.cells.length; i += COLUMNS) rows.push(h("tr", {}, this.cells.slice(i, i + COLUMNS)));
    this.body.replaceChildren(...rows);
    this.clear();
  }

  clear() {
    this.hit.clear();
    for (const cell of this.cells) ["class", "title", "aria-label"].forEach((name) => cell.removeAttribute(name));
    this.showWin(null);
  }

  /** Marks a ball; true when the card has that number. */
  mark(ball, fresh) {
    const position = this.numbers.indexOf(ball);
    if (position < 0) return false;
    this.hit.add(position);
    this.cells[position].className = fresh ? "hit fresh" : "hit";
    this.cells[position].setAttribute("aria-label", `${ball}, drawn`);
    return true;
  }

  /** Shows a pattern and what it brings; null for none. */
  showWin(win) {
    this.element.classList.toggle("winner", Boolean(win));
    this.win.textContent = win ? `${titleOf(win.name)} +${win.text}` : "";
    const winning = win ? positionsOf(win.name, this.hit) : new Set();
    this.cells.forEach((cell, position) => cell.classList.toggle("win", winning.has(position)));
  }

  showChances(pays) {
    const found = pays ? chances(this.hit, pays) : new Map();
    this.cells.forEach((cell, position) => {
      const chance = found.get(position);
      cell.classList.toggle("near", Boolean(chance));
      if (chance) cell.title = `${this.numbers[position]} would make: ${titleOf(chance.name)}`;
      else cell.removeAttribute("title");
    });
    return found.size;
  }
}

export class Cards {
  #dealt = "";
  cards = [];
  element = h("div", { class: "cards" });

  /** Puts these numbers on the table. True when they are new. */
  deal(series) {
    const dealt = JSON.stringify(series);
    if (dealt === this.#dealt) return false;
    this.#dealt = dealt;
    if (series.length !== this.cards.length) {
      this.cards = series.map((_, index) => new Card(index));
      this.element.replaceChildren(...this.cards.map((card) => card.element));
    }
    series.forEach((numbers, i) => this.cards[i].deal(numbers));
    this.element.classList.remove("dealing");
    void this.element.offsetWidth; // restarts the animation
    this.element.classList.add("dealing");
    return true;
  }

  clear() {
    this.cards.forEach((card) => card.clear());
  }

  /** Marks a ball while the draw is running and shows what the cards hold so far. */
  mark(ball, { fresh, pays, text }) {
    for (const card of this.cards) {
      if (!card.mark(ball, fresh)) continue;
      if (!pays) continue;
      const win = best(card.hit, pays);
      card.showWin(win && { name: win.name, text: text(win.pay) });
    }
  }

  /** Shows the server's result. */
  settle({ patterns, winnings }, text) {
    this.cards.forEach((card, i) => {
      card.showWin(patterns?.[i] ? { name: patterns[i], text: text(winnings[i]) } : null);
    });
  }

  /** Marks the numbers that would win more; null takes the marks away. Returns how many there are. */
  showChances(pays) {
    return this.cards.reduce((sum, card) => sum + card.showChances(pays), 0);
  }
}
