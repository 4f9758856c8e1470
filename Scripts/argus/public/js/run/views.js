// The four panels as elements. Each view is made once and then drawn with every state.
import { h, show } from "../../../lib/dom.js";
import { draw } from "./cells.js";
import { glyph, icon, small } from "./icons.js";

/** What a reader of the page is told of an item without its card. */
const spoken = (item, label) => [label, item.name, item.rank].filter(Boolean).join(", ");

/** A picture that can be pointed at. */
const picture = (item, label) => h("button", { type: "button", class: "item", "aria-label": spoken(item, label) }, icon(item));

/** A picture with its name beside it. */
function named(item, label = item.label) {
  return h("button", { type: "button", class: `item named rarity-${item.rarity.toLowerCase()}`, "aria-label": spoken(item, label) }, icon(item),
    h("span", { class: "words" },
      label && h("span", { class: "label" }, label),
      h("span", { class: "name" }, item.name)));
}

const list = (className, label) => h("ul", { class: className, "aria-label": label });

function runView() {
  const parts = {
    elements: list("elements", "Elements"), pair: list("pair", "Weapon and familiar"), slots: list("slots", "Boons by slot"),
    others: list("others", "Other boons"), extras: list("extras", "Keepsake, hex and more"),
  };
  return {
    body: h("div", {}, ...Object.values(parts)),
    draw(run, options, lively) {
      const wanted = (item) => !(options["hide-empty"] && item.empty);
      draw(parts.elements, run.elements.map((one) => ({ ...one, empty: one.value === "0" })), (one) => [small(one.name.toLowerCase(), `element-${one.name.toLowerCase()}`), h("span", { class: "hear" }, one.name), h("b", {}, one.value)], lively);
      draw(parts.pair, [run.weapon, run.familiar].filter(wanted), (item) => (options.names ? named(item, item.rank || item.label) : picture(item, item.label)), lively);
      draw(parts.slots, run.slots.filter(wanted), (item) => (options.names ? named(item) : picture(item, item.label)), lively);
      draw(parts.others, run.others, (item) => (options.names ? named(item) : picture(item)), lively);
      draw(parts.extras, run.extras, (item) => (options.names ? named(item, item.kind === "keepsake" && item.rank ? `${item.type} · ${item.rank}` : item.type) : picture(item, item.type)), lively);
      for (const part of Object.values(parts)) part.hidden = part.children.length === 0;
    },
  };
}

function arcanaView() {
  const cards = list("cards", "Arcana cards");
  return {
    body: cards,
    draw(arcana, options, lively) {
      draw(cards, arcana.cards.filter((item) => !(options["hide-empty"] && item.empty)), (item) => [picture(item), options.names && h("span", { class: "under", "aria-hidden": "true" }, item.name.replace(/^The /, ""))].filter(Boolean), lively);
    },
  };
}

function vowsView() {
  const vows = list("vow-list", "Vows");
  return {
    body: vows,
    draw(panel, options, lively) {
      draw(vows, panel.vows.filter((item) => !(options["hide-empty"] && item.empty)), (item) => h("button", { type: "button", class: `item vow rarity-${item.rarity.toLowerCase()}`, "aria-label": spoken(item) },
        h("span", { class: "name" }, item.short),
        h("span", { class: "levels", "aria-hidden": "true" }, Array.from({ length: item.most }, (_, i) => h("i", { class: i < item.level ? "full" : null })))), lively);
    },
  };
}

function pinsView() {
  const pins = list("pin-list", "Pinned boons");
  return {
    body: pins,
    draw(panel, options, lively) {
      draw(pins, panel.pins, (pin) => [
        named(pin, ""),
        pin.requirements.length > 0 && h("ol", { class: "rows" }, pin.requirements.map((row) => h("li", {},
          h("span", { class: "row-name" }, `${row.number}. ${row.type}`),
          requirementItems(row)))),
      ].filter(Boolean), lively);
    },
  };
}

function requirementItems(row) {
  const items = list("needs", `Needed from ${row.type}`);
  draw(items, row.items, (item) => picture(item), false);
  row.items.forEach((item, at) => items.children[at].classList.toggle("missing", !item.fulfilled));
  return items;
}

const MAKERS = { run: runView, arcana: arcanaView, vows: vowsView, pins: pinsView };

/** A panel with its heading: {element, name, draw(panels, options, lively)}. */
export function panelView(name, title) {
  const view = MAKERS[name]();
  const count = h("span", { class: "count" }, "0");
  const element = h("section", { class: `panel panel-${name}`, "data-panel": name, "aria-label": title },
    h("h2", {}, small(name), h("span", {}, title), count), view.body);
  return {
    name, title, element,
    draw(panels, options, lively) {
      const panel = panels[name];
      show(count, panel.count, () => [document.createTextNode(panel.count)]);
      count.hidden = name === "pins" && panel.count === "0";
      view.draw(panel, options, lively);
      element.dataset.count = panel.count;
    },
  };
}

export { glyph };
