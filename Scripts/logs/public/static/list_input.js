// Mouse and keyboard on the list of lines.

/** Index of the next line from a row on in a direction, past skipped runs; -1 where there is none. */
export function nextLine(rows, index, direction) {
  for (let i = index; i >= 0 && i < rows.length; i += direction) if (rows[i].skipped === 0) return i;
  return -1;
}

export class ListInput {
  /** @param on {changed(), menu(x, y), remove(), copy() → text} */
  constructor({ model, list, on }) {
    Object.assign(this, { model, list, on });
    const { scroller } = list;
    scroller.addEventListener("click", (event) => this.#click(event));
    scroller.addEventListener("contextmenu", (event) => this.#contextmenu(event));
    scroller.addEventListener("keydown", (event) => this.#key(event));
    scroller.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); }); // no marking of text meanwhile
  }

  #entryAt(target) {
    const row = target.closest?.(".row")?.row;
    return row && row.skipped === 0 ? row.entry : null;
  }

  #click(event) {
    if (!getSelection().isCollapsed) return; // text has been marked by the mouse
    const entry = this.#entryAt(event.target);
    if (!entry) return;
    const { selection, rows } = this.model;
    if (event.shiftKey) selection.range(entry, rows);
    else if (event.ctrlKey || event.metaKey) selection.toggle(entry);
    else selection.only(entry);
    this.on.changed();
  }

  #contextmenu(event) {
    event.preventDefault();
    const { selection } = this.model;
    const entry = this.#entryAt(event.target);
    if (!entry) return this.menuAtActive();
    if (!selection.has(entry)) selection.only(entry);
    this.on.changed();
    this.on.menu(event.clientX, event.clientY);
  }

  /** Opens the menu at the line touched last. */
  menuAtActive() {
    const { selection, pipeline } = this.model;
    const entry = selection.active;
    if (!entry) return;
    if (!selection.has(entry)) selection.only(entry);
    this.on.changed();
    const box = (this.list.elementOf(pipeline.indexOf(entry)) ?? this.list.scroller).getBoundingClientRect();
    this.on.menu(Math.max(box.left, 0) + 40, box.top + Math.min(box.height, 22));
  }

  #key(event) {
    const { model, list } = this;
    const { selection, rows } = model;
    const command = event.ctrlKey || event.metaKey;
    const at = selection.active ? model.pipeline.indexOf(selection.active) : -1;
    const near = at >= 0 ? at : Math.min(list.first, rows.length - 1);
    const step = at >= 0 ? 1 : 0;
    const moves = {
      ArrowDown: () => nextLine(rows, near + step, 1),
      ArrowUp: () => nextLine(rows, near - step, -1),
      PageDown: () => nextLine(rows, Math.min(rows.length - 1, near + list.page), -1),
      PageUp: () => nextLine(rows, Math.max(0, near - list.page), 1),
      Home: () => nextLine(rows, 0, 1),
      End: () => nextLine(rows, rows.length - 1, -1),
    };
    if (event.key in moves) this.#move(moves[event.key](), event.shiftKey, command);
    else if (command && event.key.toLowerCase() === "a") selection.all(rows);
    else if (event.key === " " && selection.active) selection.toggle(selection.active);
    else if (event.key === "Delete" && selection.size > 0) this.on.remove();
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) this.menuAtActive();
    else if (event.key === "Escape") selection.clear();
    else return;
    event.preventDefault();
    this.on.changed();
  }

  #move(index, extend, keep) {
    if (index < 0) return;
    const { selection, rows } = this.model;
    const { entry } = rows[index];
    if (extend) selection.range(entry, rows);
    else if (keep) selection.moveTo(entry);
    else selection.only(entry);
    this.list.reveal(index);
  }
}
