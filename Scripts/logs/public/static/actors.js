// The users that log: one of four colors and symbols each, in turn.
import { short } from "./display.js";

export const LOOKS = 4;
export const SYMBOLS = ["●", "▲", "■", "◆"];
/** Users told apart; later ones share one place, so that invented names cannot fill the page. */
export const ACTORS_MAX = 100;
const NAME_SHOWN_MAX = 24;
const NAME_COMPARED_MAX = 200;

export class Actors {
  /** In order of appearance: {id, name, look, symbol, on, lines}. */
  list = [];
  #byName = new Map();

  /** The actor of a user's name; a new one where the name is new. */
  of(user) {
    const name = typeof user === "string" ? user.slice(0, NAME_COMPARED_MAX) : "";
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.list.length > ACTORS_MAX) return this.list[ACTORS_MAX];
    const others = this.list.length === ACTORS_MAX;
    const id = this.list.length;
    const shown = others ? "(others)" : short(name, NAME_SHOWN_MAX) || "(no name)";
    const actor = { id, name: shown, look: id % LOOKS, symbol: SYMBOLS[id % LOOKS], on: true, lines: 0 };
    this.list.push(actor);
    if (!others) this.#byName.set(name, actor);
    return actor;
  }

  toggle(id) {
    this.list[id].on = !this.list[id].on;
  }

  clear() {
    this.list = [];
    this.#byName.clear();
  }
}
