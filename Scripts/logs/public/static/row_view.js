// One row of the list.
import { LEVELS } from "./entry.js";
import { count, cut, visible } from "./display.js";
import { h, setText } from "./dom.js";
import { pieces } from "./search.js";

/** Characters of a line drawn in the list; the details show more. */
export const LINE_SHOWN_MAX = 1000;
const HEAD = /^\d\d:\d\d:\d\d:\d{3} \[[^\]]{0,12}\] /;

export function makeRow() {
  const parts = {
    symbol: h("span", { class: "symbol", "aria-hidden": "true" }),
    who: h("span", { class: "who" }),
    text: h("span", { class: "text" }),
  };
  const row = h("div", { class: "row", role: "option" }, parts.symbol, parts.who, parts.text);
  row.parts = parts;
  return row;
}

/** The spans of a line: its head paler, hits marked. */
function spans(line, marker) {
  if (line === "") return [h("span", { class: "more" }, "(no text)")];
  const shown = cut(line, LINE_SHOWN_MAX);
  const headLength = HEAD.exec(shown)?.[0].length ?? 0;
  const elements = [];
  let at = 0;
  for (const { text, hit } of marker ? pieces(shown, marker) : [{ text: shown, hit: false }]) {
    const inHead = Math.max(0, Math.min(text.length, headLength - at));
    for (const [part, head] of [[text.slice(0, inHead), true], [text.slice(inHead), false]]) {
      if (part !== "") elements.push(h(hit ? "mark" : "span", { class: head ? "head" : null }, visible(part)));
    }
    at += text.length;
  }
  if (shown.length < line.length) {
    const hit = marker !== null && line.slice(shown.length).search(marker) >= 0;
    elements.push(h(hit ? "mark" : "span", { class: "more" }, ` … ${count(line.length - shown.length)} characters more`));
  }
  return elements;
}

/** @param look {selected, active, bookmarked, flash, dim, current, marker, query} how the row is to look */
export function fillRow(element, row, index, total, look) {
  const { parts } = element;
  const { entry, skipped } = row;
  const classes = ["row"];
  if (skipped > 0) classes.push("skip-row");
  else for (const name of ["bookmarked", "flash", "dim", "current", "active"]) if (look[name]) classes.push(name);
  const className = classes.join(" ");
  if (element.className !== className) element.className = className;
  element.id = `row-${index}`;
  element.setAttribute("aria-posinset", index + 1);
  element.setAttribute("aria-setsize", total);
  if (skipped > 0) element.removeAttribute("aria-selected");
  else element.setAttribute("aria-selected", look.selected);
  if (element.row === row && element.query === look.query) return;
  element.row = row;
  element.query = look.query;
  if (skipped > 0) {
    element.setAttribute("aria-disabled", "true");
    delete element.dataset.level;
    delete element.dataset.look;
    setText(parts.symbol, "");
    setText(parts.who, "");
    parts.text.textContent = `Skipped: ${count(skipped)}`;
    return;
  }
  element.removeAttribute("aria-disabled");
  element.dataset.level = LEVELS[entry.rank] ?? "unknown";
  element.dataset.look = entry.actor.look;
  setText(parts.symbol, entry.actor.symbol);
  setText(parts.who, visible(entry.actor.name));
  parts.text.replaceChildren(...spans(entry.line, look.marker));
}
