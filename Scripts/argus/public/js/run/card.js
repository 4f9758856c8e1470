// The card that tells about what the mouse is on or the keyboard has come to.
import { h } from "../../../lib/dom.js";
import { rich } from "../shared/richtext.js";
import { shown } from "./cells.js";
import { icon } from "./icons.js";

const GAP = 10;

/** Where a card of some size goes beside a target, so that all of it can be seen. */
export function place(target, card, view) {
  const clamp = (value, most) => Math.max(GAP, Math.min(value, most - GAP));
  // Beside it where there is room, else below or above.
  let left = target.right + GAP;
  let top = target.top;
  if (left + card.width > view.width - GAP) left = target.left - card.width - GAP;
  if (left < GAP) {
    left = clamp(target.left + target.width / 2 - card.width / 2, view.width - card.width);
    top = target.bottom + GAP;
    if (top + card.height > view.height - GAP && target.top - card.height - GAP >= GAP) top = target.top - card.height - GAP;
  }
  return { left, top: clamp(top, view.height - card.height) };
}

function content(item) {
  return [
    h("div", { class: "card-head" }, icon(item), h("div", {},
      h("strong", { class: "card-title" }, item.name),
      item.rank && h("span", { class: `card-rank rarity-${item.rarity.toLowerCase()}` }, item.rank),
      item.gods.length > 0 && item.gods[0] !== "Hammer" && h("span", { class: "card-gods" }, item.gods.join(" and ")))),
    item.description && h("p", {}, rich(item.description)),
    item.effects.length > 0 && h("ul", {}, item.effects.map(({ text, value }) => h("li", {}, rich(text), value && " ", value && h("b", { class: "value" }, rich(value))))),
  ].filter(Boolean);
}

/** Puts a card on the page and keeps it where the mouse or the focus is. Returns {refresh}, to be called when things were drawn anew. */
export function wire(root) {
  const card = h("div", { class: "card", role: "tooltip", id: "card", hidden: true });
  document.body.append(card);
  let target = null;

  function hide() {
    target?.removeAttribute("aria-describedby");
    target = null;
    card.hidden = true;
  }
  function open(next) {
    const item = shown.get(next);
    if (!item) return;
    if (target !== next) target?.removeAttribute("aria-describedby");
    target = next;
    card.replaceChildren(...content(item));
    card.dataset.rarity = item.rarity.toLowerCase();
    card.hidden = false;
    target.setAttribute("aria-describedby", "card");
    const { left, top } = place(target.getBoundingClientRect(), card.getBoundingClientRect(), { width: document.documentElement.clientWidth, height: innerHeight });
    card.style.left = `${left}px`;
    card.style.top = `${top}px`;
  }
  const buttonOf = (event) => event.target.closest?.("button.item");
  root.addEventListener("pointerover", (event) => { const button = buttonOf(event); if (button && button !== target) open(button); });
  root.addEventListener("pointerout", (event) => { if (target && !target.contains(event.relatedTarget) && document.activeElement !== target) hide(); });
  root.addEventListener("focusin", (event) => { const button = buttonOf(event); if (button) open(button); });
  root.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("resize", hide);
  addEventListener("scroll", hide, { capture: true, passive: true });
  return {
    refresh() {
      if (!target) return;
      if (target.isConnected) return;
      const focused = document.activeElement?.closest?.("button.item");
      if (focused) open(focused); else hide();
    },
  };
}
