// The stake: − amount +. Remembers it per game.
import { h, memory } from "./dom.js";

export class Bet {
  /**
   * @param {object} options
   * @param {string} options.game id
   * @param {() => {min: number, max: number, step: number}} options.limits what may be staked now
   * @param {(bet: number) => string} options.format
   * @param {(bet: number) => string} options.note what stands below the amount
   * @param {() => void} options.changed
   */
  constructor({ game, limits, format, note, changed }) {
    Object.assign(this, { limits, format, note, changed });
    this.name = `bet.${game}`;
    this.value = Number(memory.get(this.name)) || 0;
    this.amount = h("output", { "aria-live": "polite" });
    this.small = h("small");
    const step = (label, name, by) => h("button", { type: "button", class: "step", "aria-label": name, onclick: () => this.change(by) }, label);
    this.down = step("−", "Lower bet", -1);
    this.up = step("+", "Higher bet", 1);
    this.element = h("div", { class: "bet", role: "group", "aria-label": "Bet" }, this.down,
      h("span", { class: "bet-amount" }, h("small", {}, "Bet"), this.amount, this.small), this.up);
  }

  /** Shows the stake, fitted into the limits; `usual` where the player has never chosen one. */
  show(usual = 0) {
    const { min, max, step } = this.limits();
    const wanted = this.value || usual;
    this.value = Math.min(max, Math.max(min, Math.round(wanted / step) * step));
    this.amount.textContent = this.format(this.value);
    this.small.textContent = this.note(this.value);
    this.down.disabled = this.value <= min;
    this.up.disabled = this.value + step > max;
  }

  /** One step up or down. */
  change(by) {
    this.value += by * this.limits().step;
    this.show();
    memory.set(this.name, this.value);
    this.changed();
  }

  /** + and −; true when the key was one of them. */
  key(name) {
    const button = { "+": this.up, "-": this.down }[name];
    if (button && !button.disabled) button.click();
    return button !== undefined;
  }
}
