// The counting display of the balance.
import { formatCredits } from "../client/nightjar.js";
import { reducedMotion } from "./dom.js";

const COUNT_MS = 600;

/** Shows the balance and counts up or down to a new one. */
export class Purse {
  #shown = null;
  #frame = 0;

  constructor(output) {
    this.output = output;
  }

  show(wallet) {
    const target = wallet.credits;
    this.output.dataset.value = target;
    cancelAnimationFrame(this.#frame);
    const from = this.#shown;
    if (from === null || from === target || reducedMotion() || document.hidden) return this.#paint(target, wallet);
    this.output.dataset.trend = target > from ? "up" : "down";
    const start = performance.now();
    const step = (now) => {
      const part = Math.min(1, (now - start) / COUNT_MS);
      const eased = 1 - (1 - part) ** 3;
      this.#paint(Math.round(from + (target - from) * eased), wallet);
      if (part < 1) this.#frame = requestAnimationFrame(step);
      else delete this.output.dataset.trend;
    };
    this.#frame = requestAnimationFrame(step);
  }

  #paint(credits, wallet) {
    this.#shown = credits;
    this.output.textContent = formatCredits(credits, wallet);
  }
}
