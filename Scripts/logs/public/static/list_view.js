// A list of which only the rows in sight are in the page. All rows have the same height.
import { h } from "./dom.js";

// Rows drawn above and below the visible part, so that scrolling by the wheel shows no gaps.
const OVERSCAN = 8;

export class ListView {
  /** The row elements, in order. */
  elements = [];
  #rowHeight = 22;
  #lastTop = 0;
  #setTop = -1;
  #auto = true;

  /**
   * @param scroller the element that scrolls
   * @param make () → an empty row element
   * @param fill (element, row, index, count) writes a row into it
   * @param onauto (on) auto-scroll has been switched by scrolling
   */
  constructor({ scroller, make, fill, onauto }) {
    Object.assign(this, { scroller, make, fill, onauto });
    this.rows = [];
    this.window = h("div", { class: "window", role: "presentation" });
    this.canvas = h("div", { class: "canvas", role: "presentation" }, this.window);
    scroller.append(this.canvas);
    scroller.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.#resized()).observe(scroller);
  }

  get auto() {
    return this.#auto;
  }

  set auto(on) {
    if (on === this.#auto) return;
    this.#auto = on;
    if (on) this.draw();
  }

  /** Index of the first row in sight. */
  get first() {
    return Math.max(0, Math.floor(this.scroller.scrollTop / this.#rowHeight));
  }

  /** Whole rows that fit. */
  get page() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.#rowHeight) - 1);
  }

  /** What is at the top, so that it can be kept there: {row, index, offset} or null. */
  anchor() {
    const index = this.first;
    const row = this.rows[index];
    return row ? { row, index, offset: this.scroller.scrollTop - index * this.#rowHeight } : null;
  }

  /** Puts the row with an index where the anchor was. */
  hold(index, { offset }) {
    this.#resize();
    this.#scrollTo(index * this.#rowHeight + offset);
  }

  /** Brings a row into sight; in the middle if it was not. */
  show(index) {
    this.#resize();
    const { scroller } = this;
    const top = index * this.#rowHeight;
    if (top < scroller.scrollTop || top + this.#rowHeight > scroller.scrollTop + scroller.clientHeight) {
      this.#scrollTo(top - (scroller.clientHeight - this.#rowHeight) / 2);
    }
    if (!this.#atEnd()) this.#switch(false);
    this.draw();
  }

  /** Brings a row just into sight, as arrow keys want it. */
  reveal(index) {
    this.#resize();
    const { scroller } = this;
    const top = index * this.#rowHeight;
    const bottom = top + this.#rowHeight - scroller.clientHeight;
    if (top < scroller.scrollTop) this.#scrollTo(top);
    else if (bottom > scroller.scrollTop) this.#scrollTo(bottom);
    if (!this.#atEnd()) this.#switch(false);
    this.draw();
  }

  /** The element of a row in sight, or null. */
  elementOf(index) {
    return this.elements.find((element) => element.index === index) ?? null;
  }

  /** Draws the rows in sight. */
  draw() {
    this.#resize();
    if (this.#auto) this.#scrollTo(this.rows.length * this.#rowHeight);
    this.#fillWindow();
  }

  #fillWindow() {
    const { scroller, rows } = this;
    const begin = Math.max(0, Math.min(this.first, rows.length) - OVERSCAN); // the rows may have become fewer since the last drawing
    const end = Math.min(rows.length, begin + Math.ceil(scroller.clientHeight / this.#rowHeight) + 2 * OVERSCAN + 1);
    while (this.elements.length < end - begin) {
      const element = this.make();
      this.elements.push(element);
      this.window.append(element);
    }
    while (this.elements.length > end - begin) this.elements.pop().remove();
    this.window.style.transform = `translateY(${begin * this.#rowHeight}px)`;
    this.elements.forEach((element, i) => {
      const index = begin + i;
      element.index = index;
      this.fill(element, rows[index], index, rows.length);
    });
  }

  #resize() {
    const height = `${this.rows.length * this.#rowHeight}px`;
    if (this.canvas.style.height !== height) this.canvas.style.height = height;
  }

  #resized() {
    // The height of a row is the style sheet's business.
    const probe = this.window.appendChild(this.make());
    const height = probe.offsetHeight;
    probe.remove();
    if (height > 0 && height !== this.#rowHeight) {
      const anchor = this.anchor();
      this.#rowHeight = height;
      if (anchor) this.hold(anchor.index, { offset: 0 });
    }
    this.draw();
  }

  #scrollTo(top) {
    this.scroller.scrollTop = top;
    this.#setTop = this.#lastTop = this.scroller.scrollTop;
  }

  #scrolled() {
    const top = this.scroller.scrollTop;
    const own = top === this.#setTop;
    const up = top < this.#lastTop;
    this.#lastTop = top;
    if (!own) {
      this.#setTop = -1;
      if (this.#atEnd()) this.#switch(true);
      else if (up) this.#switch(false);
    }
    this.#fillWindow();
  }

  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight >= scrollHeight - this.#rowHeight / 2;
  }

  #switch(on) {
    if (on === this.#auto) return;
    this.#auto = on;
    this.onauto(on);
  }
}
