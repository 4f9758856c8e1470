// The drawn balls, one after the other.
import { h, reducedMotion } from "../dom.js";

/** Milliseconds from ball to ball. */
export const SPEEDS = { slow: 420, normal: 190, fast: 70 };

const COLORS = 6;

/** Balls of ten numbers each share a color. */
const color = (number, numbers) => Math.min(COLORS, Math.floor((number - 1) / Math.ceil(numbers / COLORS)) + 1);

export class Balls {
  #timer = 0;
  #queue = [];
  #done = null;

  constructor({ onBall }) {
    this.onBall = onBall;
    this.numbers = 60;
    this.big = h("div", { class: "ball big", "aria-hidden": "true" });
    this.tray = h("ol", { class: "tray", "aria-label": "Balls drawn" });
    this.element = h("div", { class: "balls" }, this.big, this.tray);
    this.shown = [];
  }

  get drawing() {
    return this.#queue.length > 0;
  }

  /** Empties the tray, with room for this many balls of the draw and extra balls. */
  reset(draw, extra, numbers) {
    this.#stop();
    this.shown = [];
    this.numbers = numbers;
    this.draw = draw;
    const slot = (i) => h("li", { class: i < draw ? "slot" : "slot extra" });
    this.tray.replaceChildren(...Array.from({ length: draw + extra }, (_, i) => slot(i)));
    this.big.className = "ball big empty";
    this.big.textContent = "";
  }

  /** Shows these balls in turn, or at once without a pause. Calls `done` at the end, in any case. */
  show(balls, pause, done) {
    this.#queue = [...balls];
    this.#done = done;
    if (!balls.length || !pause || reducedMotion() || document.hidden) return this.skip();
    this.#next(pause);
  }

  /** Shows the rest at once. */
  skip() {
    const rest = this.#queue;
    clearTimeout(this.#timer);
    this.#queue = [];
    for (const ball of rest) this.#put(ball, false);
    this.#finish();
  }

  #next(pause) {
    this.#put(this.#queue[0], true);
    this.#timer = setTimeout(() => {
      this.#queue.shift();
      if (this.#queue.length) this.#next(pause);
      else this.#finish();
    }, pause);
    // The last ball stays queued until its pause is over, so that "drawing" covers it; it must not be put twice.
    this.#queue[0] = undefined;
  }

  #put(ball, fresh) {
    if (ball === undefined) return;
    const place = this.shown.length;
    this.shown.push(ball);
    const tint = color(ball, this.numbers);
    const slot = this.tray.children[place] ?? this.tray.appendChild(h("li", { class: "slot extra" }));
    slot.className = `slot ball${place >= this.draw ? " extra" : ""}${fresh ? " fresh" : ""}`;
    slot.dataset.color = tint;
    slot.textContent = ball;
    this.big.className = "ball big";
    if (fresh) {
      void this.big.offsetWidth; // restarts the animation
      this.big.classList.add("fresh");
    }
    this.big.dataset.color = tint;
    this.big.textContent = ball;
    this.onBall(ball, fresh);
  }

  #finish() {
    const done = this.#done;
    this.#done = null;
    done?.();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#done = null;
  }

  dispose() {
    this.#stop();
  }
}
