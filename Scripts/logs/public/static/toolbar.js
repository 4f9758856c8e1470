// Levels, users, the status box: what is counted above and below the list.
import { LEVELS } from "./entry.js";
import { count, visible } from "./display.js";
import { byId, h, setText } from "./dom.js";

const FIGURES = ["displayed", "hidden", "selected", "filtered"];

export class Toolbar {
  #buttons = [];

  /** @param on {level(rank), actor(id), hover(id or null)} */
  constructor({ model, on }) {
    Object.assign(this, { model, on });
    const select = byId("level");
    select.replaceChildren(...LEVELS.map((name, rank) => h("option", { value: rank }, name)));
    select.addEventListener("change", () => on.level(Number(select.value)));
    this.options = [...select.options];
  }

  draw() {
    const { model } = this;
    this.options.forEach((option, rank) => setText(option, `${LEVELS[rank]} · ${count(model.store.countOf(rank))}`));
    this.#drawActors();
    const { figures } = model;
    for (const name of FIGURES) setText(byId(name), count(figures[name]));
    setText(byId("dropped"), figures.dropped > 0 ? `Oldest ${count(figures.dropped)} dropped: at most ${count(model.store.linesMax)} lines are kept.` : "");
  }

  #drawActors() {
    const { list } = this.model.actors;
    const box = byId("actors");
    if (this.#buttons.length > list.length || this.#buttons.some(({ actor }, i) => actor !== list[i])) {
      this.#buttons = [];
      box.replaceChildren();
      this.on.hover(null);
    }
    for (const actor of list.slice(this.#buttons.length)) {
      const lines = h("span", { class: "lines" });
      const element = h("button", {
        type: "button", class: "actor", "data-look": actor.look, title: "Click: switch this user's lines off or on",
        onclick: () => this.on.actor(actor.id),
        onpointerenter: (event) => { if (event.pointerType !== "touch") this.on.hover(actor.id); },
        onpointerleave: () => this.on.hover(null),
      }, h("span", { class: "symbol", "aria-hidden": "true" }, actor.symbol), h("bdi", {}, visible(actor.name)), lines);
      this.#buttons.push({ actor, element, lines });
      box.append(element);
    }
    for (const { actor, element, lines } of this.#buttons) {
      element.setAttribute("aria-pressed", actor.on);
      setText(lines, count(actor.lines));
    }
    box.hidden = list.length === 0;
  }
}
