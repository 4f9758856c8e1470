// Several panels on one page: all at once, tabs, or one after the other.
import { h } from "../../../lib/dom.js";
import { PANELS } from "../run/model.js";
import { panelView } from "../run/views.js";

export class Arrangement {
  #options;
  #root;
  #chosen;
  #tabs = null;
  #buttons = new Map();

  constructor(root, options) {
    this.#options = options;
    this.#root = root;
    const titles = new Map(PANELS);
    this.views = options.panel.map((name) => panelView(name, titles.get(name)));
    this.#chosen = options.panel[0];
    if (options.show === "tabs" && this.views.length > 1) this.#makeTabs();
    root.append(...this.views.map((view) => view.element));
    if (options.show === "rotate" && this.views.length > 1) setInterval(() => this.#turn(), options.every * 1000);
  }

  #makeTabs() {
    this.#tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Panels" });
    for (const { name, title, element } of this.views) {
      const count = h("span", { class: "count" }, "0");
      const button = h("button", { type: "button", role: "tab", id: `tab-${name}`, onclick: () => this.#choose(name) }, title, " ", count);
      this.#buttons.set(name, { button, count });
      element.id = `panel-${name}`;
      button.setAttribute("aria-controls", element.id);
      element.setAttribute("role", "tabpanel");
      element.setAttribute("aria-labelledby", button.id);
      this.#tabs.append(button);
    }
    this.#tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const names = this.#visible();
      this.#choose(names[(names.indexOf(this.#chosen) + step + names.length) % names.length]);
      this.#buttons.get(this.#chosen).button.focus();
    });
    this.#root.append(this.#tabs);
  }

  /** Panels that have something to show: pins are away while nothing is pinned. */
  #visible() {
    return this.views.filter(({ name, element }) => name !== "pins" || element.dataset.count !== "0").map(({ name }) => name);
  }

  #choose(name) {
    this.#chosen = name;
    this.#arrange();
  }

  #turn() {
    // Nobody likes a page that turns while being read.
    if (this.#root.matches(":hover") || this.#root.contains(document.activeElement)) return;
    const names = this.#visible();
    if (names.length) this.#choose(names[(names.indexOf(this.#chosen) + 1) % names.length]);
  }

  #arrange() {
    const visible = this.#visible();
    const alone = this.#options.show !== "stack" && this.views.length > 1;
    if (alone && !visible.includes(this.#chosen)) this.#chosen = visible[0] ?? this.#options.panel[0];
    for (const { name, element } of this.views) {
      element.hidden = !visible.includes(name) || (alone && name !== this.#chosen);
      const tab = this.#buttons.get(name);
      if (!tab) continue;
      tab.button.hidden = !visible.includes(name);
      tab.button.setAttribute("aria-selected", String(name === this.#chosen));
      tab.button.tabIndex = name === this.#chosen ? 0 : -1;
      if (tab.count.textContent !== element.dataset.count) tab.count.textContent = element.dataset.count;
    }
  }

  draw(panels, lively) {
    for (const view of this.views) view.draw(panels, this.#options, lively);
    this.#arrange();
  }
}
