// The menu of a line, by mouse and by keyboard.

export class Menu {
  #back = null;

  /** @param element with buttons of role menuitem, each with data-action. @param onchoose (action) */
  constructor({ element, onchoose }) {
    this.element = element;
    this.items = [...element.querySelectorAll("[role=menuitem]")];
    for (const item of this.items) {
      item.addEventListener("click", () => {
        this.close();
        onchoose(item.dataset.action);
      });
    }
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    document.addEventListener("pointerdown", (event) => { if (!element.contains(event.target)) this.close(false); });
    element.addEventListener("focusout", (event) => { if (!element.contains(event.relatedTarget)) this.close(false); });
  }

  /** @param usable the actions that can be chosen now. @param back gets the focus afterwards */
  open({ x, y, usable, back }) {
    this.#back = back;
    for (const item of this.items) item.disabled = !usable.has(item.dataset.action);
    const { element } = this;
    element.hidden = false;
    element.style.left = `${Math.max(4, Math.min(x, innerWidth - element.offsetWidth - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(y, innerHeight - element.offsetHeight - 4))}px`;
    this.#usable()[0]?.focus();
  }

  close(refocus = true) {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (refocus) this.#back?.focus({ preventScroll: true });
  }

  #usable() {
    return this.items.filter((item) => !item.disabled);
  }

  #key(event) {
    const usable = this.#usable();
    const at = usable.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % usable.length, ArrowUp: (at - 1 + usable.length) % usable.length, Home: 0, End: usable.length - 1 }[event.key];
    if (to !== undefined) usable[to].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
