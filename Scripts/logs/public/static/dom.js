// Making elements without a framework. Text is only ever added as text.

/** Makes an element: h("p", {class: "x", onclick: f}, "text", child, …). Properties that are null or false are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Changes a text only when it is another, so that nothing is drawn for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const NOTICE_MS = 6000;
const NOTICES_MAX = 3;

/** Says something at the edge of the page for a while. */
export function notice(text) {
  const box = byId("notices");
  const element = h("p", { class: "notice" }, text);
  while (box.childElementCount >= NOTICES_MAX) box.firstChild.remove();
  box.append(element);
  setTimeout(() => element.remove(), NOTICE_MS);
}

/** Calls back with the next drawn frame; a page that is not looked at draws none, so there by a timer. */
export function nextFrame(body) {
  if (document.hidden) setTimeout(body, HIDDEN_FRAME_MS);
  else requestAnimationFrame(body);
}
const HIDDEN_FRAME_MS = 250;
