// The side panel: filters and bookmarks.
import { visible } from "./display.js";
import { byId, h, setText } from "./dom.js";
import { FILTERS_MAX, PATTERN_LENGTH_MAX } from "./filters.js";

// A pause in typing after which a pattern comes into force.
const TYPING_MS = 150;

export class Panel {
  #typing = 0;

  /** @param on {filters(), jump(key), unmark(key), toggled(open)} */
  constructor({ model, on }) {
    Object.assign(this, { model, on });
    this.element = byId("panel");
    byId("add-filter").addEventListener("click", () => this.#add());
    this.showFilters();
    this.showBookmarks();
  }

  toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    this.on.toggled(open);
    if (open) (this.element.querySelector("input[type=text]") ?? byId("add-filter")).focus();
  }

  showFilters() {
    byId("filters").replaceChildren(...this.model.filters.list.map((filter, i) => this.#filter(filter, i + 1)));
    byId("add-filter").disabled = this.model.filters.list.length >= FILTERS_MAX;
    byId("no-filters").hidden = this.model.filters.list.length > 0;
  }

  showBookmarks() {
    const { list } = this.model.bookmarks;
    byId("bookmarks").replaceChildren(...list.map((bookmark) => this.#bookmark(bookmark)));
    byId("no-bookmarks").hidden = list.length > 0;
  }

  #add() {
    if (!this.model.filters.add()) return;
    this.showFilters();
    byId("filters").querySelector("li:last-child input[type=text]").focus();
  }

  #filter(filter, n) {
    const error = h("p", { class: "error", id: `filter-error-${n}`, role: "status" });
    const input = h("input", {
      type: "text", value: filter.pattern, maxlength: PATTERN_LENGTH_MAX, spellcheck: "false", autocomplete: "off",
      placeholder: "regular expression", "aria-label": `Filter ${n}: regular expression`, "aria-describedby": error.id,
    });
    const showError = () => {
      setText(error, filter.error ? `Not valid: ${visible(filter.error)}` : "");
      error.hidden = !filter.error;
      input.setAttribute("aria-invalid", Boolean(filter.error));
    };
    const change = (changes) => {
      this.model.filters.change(filter, changes);
      showError();
      this.on.filters();
    };
    input.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => change({ pattern: input.value }), TYPING_MS);
    });
    const enable = h("input", { type: "checkbox", "aria-label": `Filter ${n}: enabled`, title: "Enabled", onchange: () => change({ enabled: enable.checked }) });
    enable.checked = filter.enabled;
    const negate = h("button", {
      type: "button", class: "quiet negate", "aria-pressed": String(filter.negated), "aria-label": `Filter ${n}: negate`, title: "Negate: show the lines that do not match",
      onclick: () => {
        change({ negated: !filter.negated });
        negate.setAttribute("aria-pressed", filter.negated);
      },
    }, "not");
    const remove = h("button", {
      type: "button", class: "x", "aria-label": `Remove filter ${n}`, title: "Remove",
      onclick: () => {
        clearTimeout(this.#typing);
        this.model.filters.remove(filter);
        this.showFilters();
        this.on.filters();
        byId("add-filter").focus();
      },
    }, "×");
    showError();
    return h("li", { class: "filter" }, enable, input, negate, remove, error);
  }

  #bookmark({ key, text }) {
    const remove = () => {
      this.on.unmark(key);
      byId("bookmarks").querySelector("button")?.focus();
    };
    return h("li", {}, h("button", {
      type: "button", class: "bookmark", title: "Click: go to the line. Ctrl+click or Delete: remove the bookmark.",
      onclick: (event) => { if (event.ctrlKey || event.metaKey) remove(); else this.on.jump(key); },
      onkeydown: (event) => { if (event.key === "Delete") remove(); },
    }, visible(text)));
  }
}
