// The bingo table: shows each state of the server and turns buttons and keys into actions.
import { Bet } from "../bet.js";
import { h, key, memory, setButton } from "../dom.js";
import { Balls, SPEEDS } from "./balls.js";
import { Cards } from "./cards.js";
import { PayTable } from "./paytable.js";
import { titleOf } from "./rules.js";

export const styles = [new URL("../../bingo.css", import.meta.url).href];

const DEFAULTS = { draw: 30, extra_balls: 10, numbers: 60, min_bet: 1, max_bet: 100, pays: {} };
const BIG_WIN = 50; // times the stake of the round
const EXTRA_PAUSE_MS = 700;

const actionButton = (className, label, hint, onclick) => h("button", { type: "button", class: `button ${className}`, onclick },
  h("span", { class: "label" }, label), h("b", { class: "amount" }), key(hint));

export function view(options) {
  return new BingoView(options);
}

class BingoView {
  constructor({ game, act, notices, format, newPlayer }) {
    Object.assign(this, { game, act, notices, format, newPlayer });
    this.state = null;
    this.wallet = { credits: 0 };
    this.blocked = () => true;
    this.untold = [];
    this.speed = SPEEDS[memory.get("speed")] ? memory.get("speed") : "normal";
    this.cards = new Cards();
    this.pays = new PayTable();
    this.balls = new Balls({ onBall: (ball, fresh) => this.#mark(ball, fresh) });
    this.#build();
  }

  #build() {
    this.message = h("p", { class: "message" });
    this.detail = h("p", { class: "detail" });
    this.speedButton = h("button", { type: "button", class: "quiet", onclick: () => this.#nextSpeed() });
    this.skipButton = h("button", { type: "button", class: "quiet", onclick: () => this.balls.skip() }, "Skip ", key("S"));
    this.jackpot = h("p", { class: "jackpot", hidden: true });
    this.stage = h("section", { class: "panel stage", "aria-label": "Draw" }, this.balls.element,
      h("div", { class: "told" }, this.message, this.detail, h("div", { class: "stage-tools" }, this.skipButton, this.speedButton)), this.jackpot);
    this.stage.addEventListener("click", (event) => { if (!event.target.closest("button")) this.balls.skip(); });

    this.bet = new Bet({
      game: this.game.id, limits: () => this.#limits, format: this.format,
      note: (bet) => `${this.format(bet / this.#count)} × ${this.#count}`,
      changed: () => { this.#showPays(); this.refresh(); },
    });

    this.cardsButton = actionButton("plain-button", "New cards", "N", () => this.#do("cards"));
    this.endButton = actionButton("collect", "Collect", "C", () => this.#do("end"));
    this.extraButton = actionButton("extra", "Extra ball", "E", () => this.#do("extra"));
    this.betButton = actionButton("primary", "Bet", "B", () => this.#do("bet"));
    this.buttons = h("div", { class: "buttons" }, this.cardsButton, this.endButton, this.extraButton, this.betButton);
    this.bar = h("div", { class: "bar" }, this.bet.element, this.buttons);
    this.broke = h("p", { class: "broke", hidden: true }, "Your credits are used up. ",
      h("button", { type: "button", class: "quiet", onclick: () => this.newPlayer() }, "Start over as a new player"));

    this.element = h("div", { class: "bingo" }, h("h1", { class: "hidden" }, this.game.title),
      this.stage, this.cards.element, this.pays.element, this.broke, this.bar);
    this.#showSpeed();
  }

  get #settings() {
    return { ...DEFAULTS, ...this.game.effective };
  }

  /** Cards on the table. */
  get #count() {
    return Math.max(1, this.state?.data.cards.length ?? 1);
  }

  get #limits() {
    const { min_bet: min, max_bet: max } = this.#settings;
    const step = this.#count;
    return { step, min: Math.ceil(Math.max(min, step) / step) * step, max: Math.floor(max / step) * step };
  }

  update({ gamestate, wallet }, { first, blocked }) {
    const before = first ? null : this.state;
    this.balls.skip(); // whatever was still being shown
    this.state = gamestate;
    this.wallet = wallet;
    this.blocked = blocked;
    const { data } = gamestate;
    const dealt = this.cards.deal(data.cards);
    this.bet.show(data.bet);
    this.#showPays();
    if (gamestate.name === "game") this.#showRound(before, data, first);
    else this.#showIdle(before, dealt);
    this.refresh();
  }

  #showIdle(before, dealt) {
    const { draw, extra_balls: extra, numbers } = this.#settings;
    this.balls.reset(draw, extra, numbers);
    this.cards.clear();
    this.pays.highlight([]);
    this.stage.dataset.mood = "";
    this.jackpot.hidden = true;
    if (before?.name === "game") {
      const won = before.data.total_winnings;
      this.#say(won ? `Collected ${this.format(won)}` : "Round over", "Place your bet for the next one.");
    } else if (before && dealt) this.#say("New cards", "Place your bet when you like them.");
    else this.#say("Place your bet", `${draw} balls are drawn; the best pattern of each card pays.`);
  }

  #showRound(before, data, first) {
    const { draw, numbers } = this.#settings;
    const same = before?.name === "game" && before.data.balls.every((ball, i) => ball === data.balls[i]);
    const known = same ? before.data.balls.length : 0;
    if (!same) {
      // The draw's length as it was for this round: a reload may have changed the setting since.
      const left = data.extra_left ?? 0;
      const begun = first ? Math.min(draw, data.balls.length) : data.balls.length;
      this.balls.reset(begun, data.balls.length - begun + left, numbers);
      this.cards.clear();
      this.pays.highlight([]);
    }
    this.cards.showChances(null);
    this.stage.dataset.mood = "drawing";
    if (!same) this.jackpot.hidden = true;
    const fresh = data.balls.slice(known);
    const pause = first ? 0 : (same ? Math.max(SPEEDS[this.speed], EXTRA_PAUSE_MS * (this.speed === "fast" ? 0.4 : 1)) : SPEEDS[this.speed]);
    this.#say(same ? "Extra ball …" : "Drawing …", "");
    this.balls.show(fresh, pause, () => this.#settle(first));
  }

  #mark(ball, fresh) {
    const stake = this.#stake;
    this.cards.mark(ball, { fresh, pays: this.#settings.pays, text: (pay) => this.format(pay * stake) });
    if (fresh) this.message.textContent = `Ball ${this.balls.shown.length} of ${this.state.data.balls.length}`;
  }

  get #stake() {
    const { data } = this.state;
    return (data.bet || this.bet.value) / data.cards.length;
  }

  /** The draw is over: from here on the server's figures stand. */
  #settle(quiet) {
    const { data } = this.state;
    const won = data.total_winnings;
    this.cards.settle(data, this.format);
    this.pays.highlight((data.patterns ?? []).filter(Boolean));
    const offered = this.state.actions.includes("extra");
    const near = this.cards.showChances(offered ? this.#settings.pays : null);
    this.stage.dataset.mood = data.jackpot || won >= BIG_WIN * (data.bet || Infinity) ? "big" : won ? "won" : "lost";
    // Paid at once, unlike the other winnings of a round.
    this.jackpot.hidden = !data.jackpot;
    this.jackpot.textContent = data.jackpot ? `Jackpot! ${this.format(data.jackpot)} are yours already.` : "";
    const isCapped = won < (data.winnings ?? []).reduce((sum, one) => sum + one, 0);
    const hope = isCapped ? "That is the most a round pays here: collect and play again."
      : !offered ? "No more balls: collect and play again."
      : near ? `${near} ${near === 1 ? "number" : "numbers"} would win more. An extra ball costs ${this.format(data.extra_cost)}.`
        : `An extra ball costs ${this.format(data.extra_cost)}.`;
    this.#say(won ? `You win ${this.format(won)}` : "No win so far", hope);
    const parts = (data.patterns ?? []).map((name, i) => name && `Card ${i + 1}: ${titleOf(name)}, ${this.format(data.winnings[i])}.`).filter(Boolean);
    for (const tell of this.untold.splice(0)) tell();
    if (!quiet) this.notices.announce(`${this.jackpot.textContent} ${parts.join(" ")} ${this.message.textContent}. ${hope}`);
    this.refresh();
  }

  /** Calls `tell` when nothing is drawn any more: what it says may give the draw away. */
  afterwards(tell) {
    if (this.balls.drawing) this.untold.push(tell);
    else tell();
  }

  #say(message, detail) {
    this.message.textContent = message;
    this.detail.textContent = detail;
  }

  refresh() {
    if (!this.state) return;
    const { name, data, actions } = this.state;
    const drawing = this.balls.drawing;
    const ready = !this.blocked() && !drawing;
    const offers = (action) => actions.includes(action);
    const running = name === "game";
    const funds = this.wallet.credits + (running ? data.total_winnings : 0);
    this.element.dataset.phase = drawing ? "drawing" : "ready";
    this.skipButton.hidden = !drawing;
    setButton(this.cardsButton, { label: "New cards", enabled: ready && offers("cards"), shown: !running });
    setButton(this.endButton, { label: data.total_winnings ? "Collect" : "End round", value: data.total_winnings && !drawing ? this.format(data.total_winnings) : "", enabled: ready && offers("end"), shown: running });
    setButton(this.extraButton, { label: "Extra ball", value: offers("extra") && !drawing ? this.format(data.extra_cost) : "", enabled: ready && offers("extra") && this.wallet.credits >= data.extra_cost });
    setButton(this.betButton, { label: running ? "Next round" : "Bet", value: this.format(this.bet.value), enabled: ready && offers("bet") && funds >= this.bet.value });
    this.broke.hidden = running || !this.newPlayer || this.wallet.credits >= this.#limits.min;
  }

  #do(action) {
    if (this.balls.drawing) return this.balls.skip();
    if (action === "bet") return this.act("bet", { amount: this.bet.value });
    if (action === "extra") return this.act("extra", { cost: this.state.data.extra_cost });
    return this.act(action);
  }

  #showPays() {
    this.pays.show(this.#settings.pays, this.bet.value / this.#count, this.format);
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

  /** A key outside of inputs; true when it meant something. Disabled buttons ignore their keys too. */
  key(name) {
    const press = (button) => { if (!button.disabled && !button.hidden) button.click(); return true; };
    switch (name.toLowerCase()) {
      case " ":
      case "s": if (this.balls.drawing) { this.balls.skip(); return true; } return name === " " ? press(this.betButton) : false;
      case "b": return press(this.betButton);
      case "e": return press(this.extraButton);
      case "c": return press(this.endButton);
      case "n": return press(this.cardsButton);
      default: return this.bet.key(name);
    }
  }

  reloaded() {
    this.bet.show();
    this.#showPays();
  }

  dispose() {
    this.balls.dispose();
    for (const tell of this.untold.splice(0)) tell();
  }
}
