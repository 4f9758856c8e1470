// The search field.
import { count } from "./display.js";
import { byId, setText } from "./dom.js";

export class SearchBar {
  /** @param on {query(text), go(direction), closed()} */
  constructor({ search, on }) {
    Object.assign(this, { search, on });
    this.element = byId("search");
    this.input = byId("query");
    this.input.addEventListener("input", () => on.query(this.input.value));
    this.element.addEventListener("submit", (event) => event.preventDefault());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      on.go(event.shiftKey ? -1 : 1);
    });
    byId("search-next").addEventListener("click", () => on.go(1));
    byId("search-previous").addEventListener("click", () => on.go(-1));
    byId("search-close").addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  get shown() {
    return !this.element.hidden;
  }

  open() {
    const again = !this.shown;
    this.element.hidden = false;
    this.input.focus();
    this.input.select();
    if (again && this.input.value !== "") this.on.query(this.input.value);
  }

  close() {
    if (!this.shown) return;
    this.element.hidden = true;
    this.on.query("");
    this.on.closed();
  }

  /** Shows `i / n`. */
  draw(pending) {
    const { search } = this;
    const text = search.active ? `${count(search.current + 1)} / ${count(search.hits.length)}${pending ? " …" : ""}` : "";
    setText(byId("hits"), text);
    byId("search-next").disabled = byId("search-previous").disabled = search.hits.length === 0;
  }
}
