// Making elements without a framework. Texts become text nodes, never HTML.

/** Makes an element: h("p", {class: "x", onclick: f}, "text", child, …). Properties that are null or false are left out. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for a shape of a picture. */
export function s(tag, properties, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** Replaces what is in an element only if it has changed, so that focus and selection stay where they are. */
export function show(parent, signature, make) {
  const text = JSON.stringify(signature);
  if (parent.dataset.shown === text) return;
  parent.dataset.shown = text;
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  parent.replaceChildren(...[make()].flat().filter(Boolean));
  if (focused) parent.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}
