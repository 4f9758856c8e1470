// Tables that become cards on a narrow screen.
import { h } from "../../lib/dom.js";

/** Makes a table. `heads`: {text, number?}; `rows`: lists of cells, the first of which names the row; `kind`: a class of its own. */
export function table(label, heads, rows, kind) {
  return h("table", { "aria-label": label, class: kind },
    h("thead", {}, h("tr", {}, heads.map(({ text, number }) => h("th", { scope: "col", class: number && "number" }, text)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, index) => {
      if (index === 0) return h("th", { scope: "row" }, cell);
      return h("td", { class: heads[index].number && "number", "data-label": heads[index].text }, cell);
    })))));
}

export const column = (text) => ({ text });
export const figure = (text) => ({ text, number: true });

/** Facts: pairs of a name and a value; those without a value are left out. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export function panel(title, ...children) {
  return h("section", { class: "panel" }, title && h("h2", {}, title), ...children);
}

/** Says what is missing, and how it comes here. */
export function empty(text, code) {
  return h("div", { class: "empty" }, h("p", {}, text), code && h("code", {}, code));
}
