// Making elements without a framework.

/** Makes an element: h("p", {class: "x", onclick: f, dataset: {id: 1}}, "text", child, …). Properties that are null or false are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A keyboard hint inside a button. */
export const key = (label) => h("kbd", { "aria-hidden": "true" }, label);

/** Sets a button's state and, only when it changes, its contents (so that focus and hover stay calm). */
export function setButton(button, { label, value, enabled, shown = true }) {
  const text = value === undefined || value === "" ? label : `${label} ${value}`;
  if (button.dataset.text !== text) {
    button.dataset.text = text;
    button.querySelector(".label").textContent = label;
    const amount = button.querySelector(".amount");
    if (amount) amount.textContent = value ?? "";
  }
  button.disabled = !enabled;
  button.hidden = !shown;
}

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Keeps small settings in the browser; without storage (private windows) they last as long as the page. */
const fallback = new Map();
export const memory = {
  get(name) {
    try { return localStorage.getItem(`nightjar.${name}`); } catch { return fallback.get(name) ?? null; }
  },
  set(name, value) {
    try { localStorage.setItem(`nightjar.${name}`, value); } catch { fallback.set(name, String(value)); }
  },
};
