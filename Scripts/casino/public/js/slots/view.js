// The slot machine: shows each state of the server and turns buttons and keys into spins.
import { Bet } from "../bet.js";
import { h, key, memory, setButton } from "../dom.js";
import { PayTable } from "./paytable.js";
import { Reels, SPEEDS } from "./reels.js";
import { Symbols, nameOf } from "./symbols.js";

export const styles = [new URL("../../slots.css", import.meta.url).href];

const BIG_WIN = 15; // times the stake
const SHOW_LINE_MS = 1500;

/** How loud to be: less than the stake is no win to celebrate. */
function moodOf(won, bet) {
  if (!bet) return "";
  if (won < bet) return "lost";
  return won < BIG_WIN * bet ? "won" : "big";
}

export function view(options) {
  return new SlotsView(options);
}

class SlotsView {
  #lineTimer = 0;
  /** Credits that are in the wallet already, while the reels that bring them still turn. */
  withheld = 0;

  constructor({ game, act, notices, format, newPlayer, settled }) {
    Object.assign(this, { game, act, notices, format, newPlayer, settled });
    this.state = null;
    this.wallet = { credits: 0 };
    this.blocked = () => true;
    this.speed = SPEEDS[memory.get("speed")] ? memory.get("speed") : "normal";
    this.symbols = new Symbols(game.id);
    this.reels = new Reels(this.symbols);
    this.pays = new PayTable(this.symbols);
    this.#build();
  }

  #build() {
    this.message = h("p", { class: "message" });
    this.detail = h("p", { class: "detail" });
    this.speedButton = h("button", { type: "button", class: "quiet", onclick: () => this.#nextSpeed() });
    this.skipButton = h("button", { type: "button", class: "quiet", onclick: () => this.reels.skip() }, "Stop ", key("S"));
    this.stage = h("section", { class: "panel stage slots-stage", "aria-label": "Reels" }, this.reels.element,
      h("div", { class: "told" }, this.message, this.detail, h("div", { class: "stage-tools" }, this.skipButton, this.speedButton)));
    this.reels.element.addEventListener("click", () => this.reels.skip());
    this.bet = new Bet({
      game: this.game.id, limits: () => this.#limits, format: this.format,
      note: (bet) => `${this.format(bet / this.#count)} × ${this.#count} lines`,
      changed: () => { this.#showPays(); this.refresh(); },
    });
    this.spinButton = h("button", { type: "button", class: "button primary spin", onclick: () => this.#spin() },
      h("span", { class: "label" }, "Spin"), h("b", { class: "amount" }), key("Space"));
    this.broke = h("p", { class: "broke", hidden: true }, "Your credits are used up. ",
      h("button", { type: "button", class: "quiet", onclick: () => this.newPlayer() }, "Start over as a new player"));
    this.element = h("div", { class: "slots" }, h("h1", { class: "hidden" }, this.game.title), this.stage, this.pays.element, this.broke,
      h("div", { class: "bar" }, this.bet.element, h("div", { class: "buttons" }, this.spinButton)));
    this.#showSpeed();
  }

  get #settings() {
    return { paylines: [], pays: {}, min_bet: 1, max_bet: 1, ...this.game.effective };
  }

  /** Lines that are played, all of them always. */
  get #count() {
    return Math.max(1, this.#settings.paylines.length);
  }

  get #limits() {
    const { min_bet: min, max_bet: max } = this.#settings;
    const step = this.#count;
    return { step, min: Math.ceil(Math.max(min, step) / step) * step, max: Math.floor(max / step) * step };
  }

  update({ gamestate, wallet }, { first, blocked }) {
    const isNew = !first && this.state?.id !== gamestate.id;
    this.wallet = wallet;
    this.blocked = blocked;
    if (!first && !isNew) return this.refresh(); // what is shown stands
    this.reels.skip(); // whatever still turned
    this.state = gamestate;
    const { data } = gamestate;
    this.bet.show(data.bet);
    this.#showPays();
    this.pays.highlight([], []);
    clearInterval(this.#lineTimer);
    this.stage.dataset.mood = "";
    if (!isNew) {
      this.reels.place(data.reels);
      this.#settle(true);
    } else {
      this.withheld = data.total_winnings;
      this.stage.dataset.mood = "turning";
      this.#say("Good luck", "");
      this.reels.turn(data.reels, data.stops, this.#settings.strips, this.speed, () => this.#settle(false));
    }
    this.refresh();
  }

  /** The reels stand: from here on everything may be told. */
  #settle(quiet) {
    const { data } = this.state;
    this.withheld = 0;
    this.settled();
    const won = data.total_winnings;
    const { paylines } = this.#settings;
    const wins = data.lines.map((win) => ({ ...win, rows: paylines[win.line] ?? [] })).filter(({ rows }) => rows.length);
    this.pays.highlight(wins.map(({ symbol }) => symbol), wins.map(({ line }) => line));
    this.stage.dataset.mood = moodOf(won, data.bet);
    const told = wins.map(({ line, symbol, count, win }) => `Line ${line + 1}: ${count} × ${nameOf(symbol)}, ${this.format(win)}`);
    if (!data.bet) this.#say("Place your bet", `${this.#count} lines; matching symbols pay from the left.`);
    else if (!won) this.#say("No win this time", "Another spin?");
    else this.#say(won < data.bet ? `${this.format(won)} comes back` : `You win ${this.format(won)}`, told.length > 1 ? `${told.length} lines win.` : told[0]);
    this.#showWins(wins, told);
    if (!quiet) this.notices.announce(won ? `${this.message.textContent}. ${told.join(". ")}.` : this.message.textContent);
    this.refresh();
  }

  /** All lines that win together, then one after the other. */
  #showWins(wins, told) {
    this.reels.showLines(wins);
    if (wins.length < 2) return;
    let shown = -1;
    this.#lineTimer = setInterval(() => {
      shown = shown + 1 === wins.length ? -1 : shown + 1;
      this.reels.showLines(shown < 0 ? wins : [wins[shown]]);
      this.detail.textContent = shown < 0 ? `${wins.length} lines win.` : told[shown];
    }, SHOW_LINE_MS);
  }

  #say(message, detail) {
    this.message.textContent = message;
    this.detail.textContent = detail;
  }

  #showPays() {
    this.pays.show(this.#settings, this.bet.value / this.#count, this.format);
  }

  refresh() {
    if (!this.state) return;
    const turning = this.reels.turning;
    this.element.dataset.phase = turning ? "turning" : "ready";
    this.skipButton.hidden = !turning;
    const ready = !this.blocked() && !turning && this.state.actions.includes("spin");
    setButton(this.spinButton, { label: "Spin", value: this.format(this.bet.value), enabled: ready && this.wallet.credits >= this.bet.value });
    this.broke.hidden = turning || !this.newPlayer || this.wallet.credits >= this.#limits.min;
  }

  #spin() {
    if (this.reels.turning) return this.reels.skip();
    this.act("spin", { amount: this.bet.value });
  }

  #nextSpeed() {
    const names = Object.keys(SPEEDS);
    this.speed = names[(names.indexOf(this.speed) + 1) % names.length];
    memory.set("speed", this.speed);
    this.#showSpeed();
  }

  #showSpeed() {
    this.speedButton.textContent = `Speed: ${this.speed}`;
  }

  /** A key outside of inputs; true when it meant something. */
  key(name) {
    switch (name.toLowerCase()) {
      case "s": if (this.reels.turning) this.reels.skip(); return true;
      case " ":
      case "b":
        if (this.reels.turning) this.reels.skip();
        else if (!this.spinButton.disabled) this.spinButton.click();
        return true;
      default: return this.bet.key(name);
    }
  }

  reloaded() {
    this.bet.show();
    this.#showPays();
  }

  dispose() {
    clearInterval(this.#lineTimer);
    this.reels.dispose();
  }
}
