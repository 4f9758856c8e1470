// The keno table. A game's own view: manifest.json names it, the casino's page loads it. docs/clients.md says what a view is.
import { Bet } from "/static/js/bet.js";
import { h, key, memory, reducedMotion, setButton } from "/static/js/dom.js";

export const styles = [new URL("view.css", import.meta.url).href];

/** Milliseconds from ball to ball. */
const SPEEDS = { slow: 320, normal: 150, fast: 50 };
const BIG_WIN = 15; // times the stake

export function view(options) {
  return new KenoView(options);
}

class KenoView {
  #timer = 0;
  #queue = [];
  /** Credits that are in the wallet already, while the balls that bring them are still to be shown. */
  withheld = 0;

  constructor({ game, act, notices, format, newPlayer, settled }) {
    Object.assign(this, { game, act, notices, format, newPlayer, settled });
    this.state = null;
    this.wallet = { credits: 0 };
    this.blocked = () => true;
    this.chosen = new Set();
    this.speed = SPEEDS[memory.get("speed")] ? memory.get("speed") : "normal";
    this.#build();
  }

  get #settings() {
    return { numbers: 80, draw: 20, min_bet: 1, max_bet: 1, pays: {}, ...this.game.effective };
  }

  /** How many numbers may be chosen. */
  get #counts() {
    const counts = Object.keys(this.#settings.pays).map(Number);
    return { least: Math.min(...counts), most: Math.max(...counts) };
  }

  #build() {
    this.board = h("div", { class: "board", role: "group", "aria-label": "Numbers" });
    this.board.addEventListener("keydown", (event) => this.#walk(event));
    this.message = h("p", { class: "message" });
    this.detail = h("p", { class: "detail" });
    this.tray = h("ol", { class: "stars", "aria-label": "Stars drawn" });
    this.speedButton = h("button", { type: "button", class: "quiet", onclick: () => this.#nextSpeed() });
    this.skipButton = h("button", { type: "button", class: "quiet", onclick: () => this.#skip() }, "Skip ", key("S"));
    this.stage = h("section", { class: "panel stage keno-stage", "aria-label": "Draw" },
      h("div", { class: "told" }, this.message, this.detail, h("div", { class: "stage-tools" }, this.skipButton, this.speedButton)), this.tray, this.board);

    this.payStake = h("span");
    this.payList = h("ol", { class: "pay-steps" });
    this.pays = h("section", { class: "panel pays" }, h("header", {}, h("h2", {}, "Pays"), this.payStake), this.payList);

    this.bet = new Bet({
      game: this.game.id, limits: () => ({ min: this.#settings.min_bet, max: this.#settings.max_bet, step: 1 }), format: this.format,
      note: () => "per round", changed: () => { this.#showPays(); this.refresh(); },
    });
    const button = (className, label, hint, onclick) => h("button", { type: "button", class: `button ${className}`, onclick },
      h("span", { class: "label" }, label), h("b", { class: "amount" }), key(hint));
    this.clearButton = button("", "Clear", "C", () => this.#choose([]));
    this.pickButton = button("extra", "Quick pick", "Q", () => this.#quickPick());
    this.playButton = button("primary", "Play", "Space", () => this.#play());
    this.broke = h("p", { class: "broke", hidden: true }, "Your credits are used up. ",
      h("button", { type: "button", class: "quiet", onclick: () => this.newPlayer() }, "Start over as a new player"));
    this.element = h("div", { class: "keno" }, h("h1", { class: "hidden" }, this.game.title), this.stage, this.pays, this.broke,
      h("div", { class: "bar" }, this.bet.element, h("div", { class: "buttons" }, this.clearButton, this.pickButton, this.playButton)));
    this.speedButton.textContent = `Speed: ${this.speed}`;
    this.#lay();
  }

  /** As many numbers as the game has. */
  #lay() {
    const { numbers } = this.#settings;
    if (this.board.children.length === numbers) return;
    this.board.replaceChildren(...Array.from({ length: numbers }, (_, i) =>
      h("button", { type: "button", class: "number", tabindex: i ? -1 : 0, "aria-pressed": "false", onclick: () => this.#toggle(i + 1) }, String(i + 1))));
  }

  get #drawing() {
    return this.#timer !== 0;
  }

  update({ gamestate, wallet }, { first, blocked }) {
    const isNew = !first && this.state?.id !== gamestate.id;
    this.wallet = wallet;
    this.blocked = blocked;
    if (!first && !isNew) return this.refresh(); // what is shown, and chosen since, stands
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.withheld = 0;
    this.state = gamestate;
    const { data } = gamestate;
    this.#lay();
    this.chosen = new Set(data.numbers);
    this.bet.show(data.bet);
    this.#wipe();
    this.tray.replaceChildren(...Array.from({ length: this.#settings.draw }, () => h("li", { class: "star" })));
    this.#queue = [...data.balls];
    if (isNew && data.balls.length && !reducedMotion() && !document.hidden) {
      this.withheld = data.total_winnings;
      this.stage.dataset.mood = "drawing";
      this.#say("The stars come out …", "");
      this.#next();
    } else {
      this.#settle(!isNew);
    }
    this.refresh();
  }

  #next() {
    this.#put(this.#queue.shift(), true);
    this.#timer = setTimeout(() => (this.#queue.length ? this.#next() : this.#settle(false)), SPEEDS[this.speed]);
  }

  /** Shows the rest at once. */
  #skip() {
    if (this.#drawing) this.#settle(false);
  }

  #put(ball, fresh) {
    const place = [...this.tray.children].findIndex((star) => !star.textContent);
    const hit = this.chosen.has(ball);
    const star = this.tray.children[place] ?? this.tray.appendChild(h("li"));
    star.textContent = ball;
    star.className = `star on${hit ? " hit" : ""}${fresh ? " fresh" : ""}`;
    const number = this.board.children[ball - 1];
    number?.classList.add("drawn");
    if (fresh) number?.classList.add("fresh");
    if (number) number.setAttribute("aria-label", `${ball}, drawn${hit ? ", hit" : ""}`);
    this.#markPays(this.board.querySelectorAll(".number.chosen.drawn").length);
  }

  /** Shows what is left of the draw: from here on everything may be told. */
  #settle(quiet) {
    clearTimeout(this.#timer);
    for (const ball of this.#queue.splice(0)) this.#put(ball, false);
    this.#timer = 0;
    this.withheld = 0;
    this.settled();
    const { data } = this.state;
    const won = data.total_winnings;
    this.stage.dataset.mood = !data.bet ? "" : won < data.bet ? "lost" : won < BIG_WIN * data.bet ? "won" : "big";
    if (!data.balls.length) this.#advise();
    else {
      const hits = `${data.hits.length} of your ${data.numbers.length} numbers came out.`;
      this.#say(won ? `You win ${this.format(won)}` : "No win this time", hits);
      if (!quiet) this.notices.announce(`${this.message.textContent}. ${hits}`);
    }
    this.refresh();
  }

  #advise() {
    const { least, most } = this.#counts;
    const count = this.chosen.size;
    if (count < least) this.#say("Choose your numbers", `${least} to ${most} of them; ${this.#settings.draw} are drawn.`);
    else this.#say(`${count} numbers chosen`, count < most ? "Play, or choose more." : "Play when you like them.");
  }

  #say(message, detail) {
    this.message.textContent = message;
    this.detail.textContent = detail;
  }

  // MARK: Choosing

  #toggle(number) {
    if (this.#drawing) return this.#skip();
    const { most } = this.#counts;
    const next = new Set(this.chosen);
    if (next.has(number)) next.delete(number);
    else if (next.size < most) next.add(number);
    else return this.#say(`${most} numbers are the most`, "Press one of yours to give it back.");
    this.#choose(next);
  }

  #choose(numbers) {
    this.#skip();
    this.chosen = new Set(numbers);
    this.#wipe();
    for (const star of this.tray.children) [star.textContent, star.className] = ["", "star"];
    this.stage.dataset.mood = "";
    this.#advise();
    this.refresh();
  }

  /** The board without a draw. */
  #wipe() {
    [...this.board.children].forEach((number, i) => {
      const chosen = this.chosen.has(i + 1);
      number.className = chosen ? "number chosen" : "number";
      number.setAttribute("aria-pressed", String(chosen));
      number.removeAttribute("aria-label");
    });
    this.#showPays();
  }

  /** Arrow keys walk over the board, which is one stop of the Tab key. */
  #walk(event) {
    const numbers = [...this.board.children];
    const columns = getComputedStyle(this.board).gridTemplateColumns.split(" ").length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const next = numbers[numbers.indexOf(event.target) + by];
    if (!next) return;
    event.preventDefault();
    for (const number of numbers) number.tabIndex = number === next ? 0 : -1;
    next.focus();
  }

  // MARK: Pays

  #showPays() {
    const pays = this.#settings.pays[this.chosen.size] ?? {};
    const steps = Object.entries(pays).map(([hits, pay]) => [Number(hits), pay]).sort(([a], [b]) => b - a);
    this.payStake.textContent = steps.length ? `${this.chosen.size} numbers, at ${this.format(this.bet.value)}` : "";
    this.payList.replaceChildren(...(steps.length ? steps.map(([hits, pay]) => h("li", { dataset: { hits } },
      h("span", {}, `${hits} ${hits === 1 ? "hit" : "hits"}`), h("b", {}, this.format(pay * this.bet.value))))
      : [h("li", { class: "nothing" }, "Choose numbers to see what they pay.")]));
  }

  #markPays(hits) {
    for (const step of this.payList.children) step.classList.toggle("now", Number(step.dataset.hits) === hits);
  }

  // MARK: Buttons and keys

  refresh() {
    if (!this.state) return;
    const drawing = this.#drawing;
    const { least, most } = this.#counts;
    const count = this.chosen.size;
    const ready = !this.blocked() && !drawing;
    this.element.dataset.phase = drawing ? "drawing" : "ready";
    this.skipButton.hidden = !drawing;
    setButton(this.clearButton, { label: "Clear", enabled: !drawing && count > 0 });
    setButton(this.pickButton, { label: "Quick pick", enabled: ready });
    setButton(this.playButton, { label: "Play", value: this.format(this.bet.value), enabled: ready && count >= least && count <= most && this.wallet.credits >= this.bet.value });
    this.broke.hidden = drawing || !this.newPlayer || this.wallet.credits >= this.#settings.min_bet;
  }

  #play() {
    this.act("play", { amount: this.bet.value, numbers: [...this.chosen] });
  }

  #quickPick() {
    const { least, most } = this.#counts;
    const wanted = this.chosen.size >= least ? this.chosen.size : Math.round((least + most) / 2);
    this.act("quick_pick", { count: wanted });
  }

  #nextSpeed() {
    const names = Object.keys(SPEEDS);
    this.speed = names[(names.indexOf(this.speed) + 1) % names.length];
    memory.set("speed", this.speed);
    this.speedButton.textContent = `Speed: ${this.speed}`;
  }

  /** A key outside of inputs; true when it meant something. */
  key(name) {
    const press = (button) => { if (!button.disabled) button.click(); return true; };
    if (this.#drawing && [" ", "s", "p"].includes(name.toLowerCase())) { this.#skip(); return true; }
    switch (name.toLowerCase()) {
      case " ":
      case "p": return press(this.playButton);
      case "q": return press(this.pickButton);
      case "c": return press(this.clearButton);
      default: return this.bet.key(name);
    }
  }

  reloaded() {
    this.bet.show();
    this.#lay();
    this.#showPays();
  }

  dispose() {
    clearTimeout(this.#timer);
  }
}
