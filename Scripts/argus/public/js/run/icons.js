// Every picture of a run: a frame for the kind and the rarity, and in it the drawing of the god, the weapon or the animal.
// A field of 48 by 48; colors come from css/icons.css by the classes rarity-… and god-….
import { s } from "../../../lib/dom.js";
import { GLYPHS } from "./glyphs.js";

/** Frames by kind. `plate` is filled, `edge` is drawn over it in the color of the rarity. */
const FRAMES = {
  boon: "M24 3.5a20.5 20.5 0 1 0 .01 0z",
  curse: "M24 2.5 30 8l8-.5.5 8L44 22l-4.5 6.5 1 8-8 1L26.5 43h-5L15.5 37.5l-8-1 1-8L4 22l5.5-6.5.5-8 8 .5z",
  hammer: "M14 4.5h20L44.5 24 34 43.5H14L3.5 24z",
  weapon: "M24 3l18 6v15c0 10.5-7.5 17.5-18 21.5C13.5 41.5 6 34.5 6 24V9z",
  familiar: "M9 6l9.5 4.5h11L39 6l3 17c0 11-8 20-18 20S6 34 6 23z",
  keepsake: "M10 5h28a5 5 0 0 1 5 5v28a5 5 0 0 1-5 5H10a5 5 0 0 1-5-5V10a5 5 0 0 1 5-5z",
  hex: "M24 3.5a20.5 20.5 0 1 0 .01 0z",
  empty: "M24 4.5a19.5 19.5 0 1 0 .01 0z",
};

/** Marks at the lower edge: who does not see the colors counts. */
const PIPS = { Common: 1, Rare: 2, Epic: 3, Heroic: 4 };

const word = (text) => text.toLowerCase().replace(/[^a-z]/g, "");

function dot([x, y, r], className) {
  return s("circle", { cx: x, cy: y, r, class: className });
}

/** A drawing by its name, to be put anywhere. */
export function glyph(name, properties = {}) {
  const shape = GLYPHS[name] ?? GLYPHS.star;
  return s("g", { class: "glyph", ...properties },
    shape.fill && s("path", { class: "fill", d: shape.fill }),
    shape.line && s("path", { class: "line", d: shape.line }),
    (shape.dots ?? []).map((one) => dot(one, "fill")),
    (shape.holes ?? []).map((one) => dot(one, "hole")));
}

/** A drawing alone, as a picture of its own. */
export const small = (name, className = "") => s("svg", { viewBox: "0 0 24 24", class: `small ${className}`, "aria-hidden": "true" }, glyph(name));

function pips(rarity) {
  if (PIPS[rarity]) {
    const count = PIPS[rarity];
    return s("g", { class: "pips" }, Array.from({ length: count }, (_, i) => dot([24 + (i - (count - 1) / 2) * 5.6, 43.5, 2.4])));
  }
  if (rarity === "Legendary" || rarity === "Perfect") return s("path", { class: "pips", d: "M24 38l1.6 3.9 4.2.3-3.2 2.7 1 4.1-3.6-2.2-3.6 2.2 1-4.1-3.2-2.7 4.2-.3z" });
  if (rarity === "Duo") return s("g", { class: "pips rings" }, dot([21.7, 43.5, 3.2]), dot([26.3, 43.5, 3.2]));
  if (rarity === "Infusion") return s("path", { class: "pips", d: "M24 38.5l4.7 8H19.3z" });
  return null;
}

/** A card: taller than the others, with its number. */
function card(item) {
  return s("svg", { viewBox: "0 0 36 52", class: `icon arcana rarity-${word(item.rarity)}`, "aria-hidden": "true" },
    s("rect", { class: "plate", x: 2, y: 2, width: 32, height: 48, rx: 4 }),
    s("rect", { class: "edge", x: 2, y: 2, width: 32, height: 48, rx: 4 }),
    s("path", { class: "rays", d: "M18 9v8M18 31v8M8 24h6M22 24h6M10.5 14l4 5M25.5 14l-4 5M10.5 34l4-5M25.5 34l-4-5" }),
    s("text", { x: 18, y: 28.5, "text-anchor": "middle" }, String(item.number)));
}

/** The picture of an item. */
export function icon(item) {
  if (item.kind === "arcana") return card(item);
  const frame = FRAMES[item.kind] ?? FRAMES.boon;
  const gods = item.gods.map(word);
  const two = gods.length > 1;
  const place = (x, y, size) => `translate(${x - size / 2} ${y - size / 2}) scale(${size / 24})`;
  return s("svg", { viewBox: "0 0 48 50", class: `icon ${item.kind} rarity-${word(item.rarity)} god-${gods[0] ?? "none"}`, "aria-hidden": "true" },
    s("path", { class: "plate", d: frame }),
    s("path", { class: "tint", d: frame }),
    two
      ? [glyph(item.glyph, { transform: place(17.5, 19.5, 17) }), glyph(gods[1], { transform: place(31, 29, 17), class: `glyph god-${gods[1]}` })]
      : glyph(item.glyph, { transform: place(24, 23.5, item.kind === "empty" ? 19 : 23) }),
    s("path", { class: "edge", d: frame }),
    item.kind === "hammer" && s("g", { class: "badge" }, dot([39.5, 9, 7.5], "plate"), glyph("hammer", { transform: place(39.5, 9, 10) })),
    item.kind === "hex" && s("path", { class: "ring", d: "M24 8a15.5 15.5 0 1 0 .01 0z" }),
    item.slot && s("g", { class: "badge" }, dot([40, 9, 7], "plate"), glyph(item.slot, { transform: place(40, 9, 9) })),
    !item.empty && item.kind !== "familiar" && pips(item.rarity));
}
