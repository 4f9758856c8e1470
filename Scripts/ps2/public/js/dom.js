// Making elements without a framework.

/** Makes an element: h("p", {class: "x", onclick: f}, "text", child, …). Properties that are null or false are left out. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
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
  parent.replaceChildren(...[make()].flat());
  if (focused) parent.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

/** 1234567 → "1 234 567", with a thin space that does not break. */
export const whole = (number) => String(Math.round(number ?? 0)).replace(/\B(?=(\d{3})+$)/g, "\u202F");

export function perSecond(rate) {
  if (rate > 0 && rate < 9.95) return rate.toFixed(1);
  return whole(rate);
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  const [value, unit] = count < 1048576 ? [count / 1024, "KiB"] : [count / 1048576, "MiB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** How long ago, in the two largest units. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
