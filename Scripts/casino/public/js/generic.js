// A view for any game: the state's data as it is, the actions as buttons, inputs as the manifest describes them.
import { h } from "./dom.js";

const DEPTH_MAX = 6;
const words = (name) => name.replace(/[_-]+/g, " ").replace(/^./, (first) => first.toUpperCase());

/** Plain data as neat HTML: objects as definition lists, short lists in a row. */
function show(value, depth = 0) {
  if (value === null) return h("span", { class: "nothing" }, "–");
  if (typeof value !== "object") return h("span", { class: `is-${typeof value}` }, typeof value === "boolean" ? (value ? "yes" : "no") : String(value));
  if (depth === DEPTH_MAX) return h("code", {}, JSON.stringify(value));
  if (Array.isArray(value)) {
    if (!value.length) return h("span", { class: "nothing" }, "none");
    return h("ul", { class: value.every((item) => typeof item !== "object") ? "chips" : "rows" }, value.map((item) => h("li", {}, show(item, depth + 1))));
  }
  const entries = Object.entries(value);
  if (!entries.length) return h("span", { class: "nothing" }, "nothing yet");
  return h("dl", {}, entries.map(([name, item]) => h("div", {}, h("dt", {}, words(name)), h("dd", {}, show(item, depth + 1)))));
}

/** One parameter: its element and a way to read it. */
function input(action, name, spec) {
  const id = `${action}-${name}`;
  const initial = spec.default ?? (spec.enum ? spec.enum[0] : spec.min);
  let control;
  let read;
  if (spec.enum) {
    control = h("select", { id }, spec.enum.map((choice) => h("option", { value: choice, selected: choice === initial }, words(String(choice)))));
    read = () => spec.enum[control.selectedIndex];
  } else if (spec.type === "boolean") {
    control = h("input", { id, type: "checkbox", checked: initial === true });
    read = () => control.checked;
  } else if (spec.type === "integer" || spec.type === "number") {
    control = h("input", { id, type: "number", inputmode: "decimal", min: spec.min, max: spec.max, step: spec.step ?? (spec.type === "integer" ? 1 : "any"), value: initial ?? 0, required: true });
    read = () => control.valueAsNumber;
  } else {
    control = h("input", { id, type: "text", value: initial ?? "", maxlength: 200 });
    read = () => control.value;
  }
  return { name, read, control, element: h("label", { for: id }, h("span", {}, words(name)), control) };
}

/** @param {{game: object, act: (action: string, params: object) => boolean, notices: object}} options */
export function genericView({ game, act, notices }) {
  const stateName = h("h2", { class: "state-name" });
  const data = h("div", { class: "state-data" });
  const actions = h("div", { class: "forms" });
  const element = h("div", { class: "generic" },
    h("header", {},
      h("div", {}, h("h1", {}, game.title), game.manifest?.description && h("p", { class: "lead" }, game.manifest.description)),
      game.manifest?.cover && h("img", { src: `/game/${game.id}/${game.manifest.cover}`, alt: "", width: 320, height: 200 })),
    h("section", { class: "panel" }, stateName, data), actions);
  const forms = new Map();
  let busy = () => false;

  function makeForm(action) {
    const described = game.manifest?.actions?.[action]?.params;
    const inputs = Object.entries(described ?? {}).map(([name, spec]) => input(action, name, spec));
    const free = described ? null : h("input", { type: "text", value: "{}", "aria-label": `Parameters of ${action} as JSON`, spellcheck: "false" });
    const form = h("form", { class: "panel form", dataset: { action }, onsubmit: (event) => {
      event.preventDefault();
      let params = Object.fromEntries(inputs.map(({ name, read }) => [name, read()]));
      if (free) {
        try { params = JSON.parse(free.value || "{}"); } catch { return notices.toast("The parameters are not valid JSON."); }
      }
      act(action, params);
    } }, inputs.map((one) => one.element), free && h("label", {}, h("span", {}, "Parameters"), free),
    h("button", { type: "submit", class: "button" }, h("span", { class: "label" }, words(action))));
    return form;
  }

  return {
    element,
    update({ gamestate }, { blocked, first }) {
      stateName.textContent = words(gamestate.name);
      data.replaceChildren(show(gamestate.data));
      for (const action of gamestate.actions) if (!forms.has(action)) forms.set(action, makeForm(action));
      const wanted = gamestate.actions.map((action) => forms.get(action));
      const focused = document.activeElement?.closest?.("form")?.dataset.action;
      if (wanted.length !== actions.children.length || wanted.some((form, i) => actions.children[i] !== form)) {
        actions.replaceChildren(...wanted);
        if (focused) (forms.get(gamestate.actions.includes(focused) ? focused : gamestate.actions[0]))?.querySelector("button").focus();
      }
      if (!first) notices.announce(`${words(gamestate.name)}. ${data.innerText.replace(/\s+/g, " ")}`);
      busy = blocked;
      this.refresh();
    },
    refresh() {
      const off = busy();
      actions.querySelectorAll("button").forEach((button) => { button.disabled = off; });
    },
    reloaded() { forms.clear(); actions.replaceChildren(); },
    dispose() {},
    key() { return false; },
  };
}
