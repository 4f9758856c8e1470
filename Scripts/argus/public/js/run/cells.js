// Lists of small pictures that keep what has not changed: the mouse and the focus stay where they are, and only what is new or
// different lights up.
import { h } from "../../../lib/dom.js";

/** What is to be done for a list: from signatures by id, as they stand, to cells [{id, signature}]. */
export function plan(before, cells) {
  const arrived = [];
  const changed = [];
  for (const { id, signature } of cells) {
    if (!before.has(id)) arrived.push(id);
    else if (before.get(id) !== signature) changed.push(id);
  }
  const now = new Set(cells.map(({ id }) => id));
  return { arrived, changed, gone: [...before.keys()].filter((id) => !now.has(id)) };
}

/** Items by the elements that show them; the card looks here. */
export const shown = new WeakMap();

/**
 * Draws items into a list element. `make(item)` makes what is inside of one; `lively` whether what is new shall light up.
 * `focus` is whether each can be reached with the Tab key to see its card.
 */
export function draw(list, items, make, lively) {
  const standing = new Map([...list.children].map((child) => [child.dataset.id, child]));
  const cells = items.map((item) => ({ id: item.id, item, signature: JSON.stringify(item) }));
  const todo = plan(new Map([...standing].map(([id, child]) => [id, child.dataset.signature])), cells);
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("[data-id]")?.dataset.id : undefined;
  for (const id of todo.gone) standing.get(id).remove();
  cells.forEach(({ id, item, signature }, at) => {
    let node = standing.get(id);
    const isNew = todo.arrived.includes(id);
    if (isNew || todo.changed.includes(id)) {
      const fresh = h("li", { "data-id": id, class: item.empty ? "empty" : null }, make(item));
      fresh.dataset.signature = signature;
      for (const target of fresh.querySelectorAll("button")) if (!shown.has(target)) shown.set(target, item);
      if (lively && !(isNew && item.empty)) {
        fresh.classList.add(isNew ? "arrived" : "changed");
        fresh.addEventListener("animationend", (event) => { if (event.target === fresh) fresh.classList.remove("arrived", "changed"); });
      }
      node?.replaceWith(fresh);
      node = fresh;
    }
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
  if (focused) [...list.children].find((child) => child.dataset.id === focused)?.querySelector("button")?.focus({ preventScroll: true });
}
