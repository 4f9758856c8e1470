// The line that was touched last, in full.
import { count, cut, visible } from "./display.js";
import { byId, h } from "./dom.js";

/** Characters shown; more would make the page slow for one line. */
const TEXT_SHOWN_MAX = 20_000;
const FACT_SHOWN_MAX = 100;
const FACTS = [["user", "User"], ["room", "Room"], ["level", "Level"], ["timestamp", "Client time"], ["serverTime", "Server time"], ["seqNumber", "Number"]];

const TIMES = new Set(["timestamp", "serverTime"]);

function factText(name, value) {
  if (value === undefined || value === null || value === "") return null;
  if (TIMES.has(name) && typeof value === "number") {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date.toISOString().replace("T", " ");
  }
  return typeof value === "object" ? null : visible(cut(String(value), FACT_SHOWN_MAX));
}

export class Details {
  #entry = null;

  /** @param on {menu(button), closed()} */
  constructor({ on }) {
    this.element = byId("details");
    byId("details-menu").addEventListener("click", (event) => on.menu(event.currentTarget));
    byId("details-close").addEventListener("click", on.closed);
  }

  /** Shows an entry; null hides. */
  show(entry) {
    if (entry === this.#entry) return;
    this.#entry = entry;
    this.element.hidden = entry === null;
    if (entry === null) return;
    const facts = FACTS.map(([name, title]) => [title, factText(name, entry.raw[name])]).filter(([, text]) => text !== null);
    byId("facts").replaceChildren(...facts.map(([title, text]) => h("div", {}, h("dt", {}, title), h("dd", {}, text))));
    const { line } = entry;
    const shown = cut(line, TEXT_SHOWN_MAX);
    const more = shown.length < line.length ? `\n… ${count(line.length - shown.length)} characters more (Download writes all of them)` : "";
    byId("full").textContent = shown.split("\n").map(visible).join("\n") + more;
    byId("full").scrollTop = 0;
  }
}
