// Stacked areas of rates over the last five minutes, drawn by hand.
import { h, show } from "../../lib/dom.js";
import { perSecond } from "./figures.js";
import { LENGTH } from "./history.js";

/** Kinds with a color of their own; the rest share one. */
const KINDS = 5;

/** The next round number: 1, 2 or 5 times a power of ten. */
function ceiling(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function series(history) {
  const { named, rest } = history.names(KINDS);
  const list = named.map((name, index) => ({ name, color: index, at: (rates) => rates[name] ?? 0 }));
  if (rest.length > 0) list.push({ name: "other", color: KINDS, at: (rates) => rest.reduce((sum, name) => sum + (rates[name] ?? 0), 0) });
  return list;
}

function scale(pen, style, width, height, top) {
  pen.strokeStyle = style.getPropertyValue("--faint");
  pen.fillStyle = style.getPropertyValue("--mist");
  pen.font = `12px ${style.getPropertyValue("--sans")}`;
  pen.lineWidth = 1;
  for (const part of [0, 0.5, 1]) {
    const y = Math.round(height - 18 - part * (height - 36)) + 0.5;
    pen.beginPath();
    pen.moveTo(0, y);
    pen.lineTo(width, y);
    pen.stroke();
    if (part > 0) pen.fillText(`${perSecond(top * part)} /s`, 0, y - 4);
  }
  pen.fillText("5 min ago", 0, height - 3);
  pen.textAlign = "right";
  pen.fillText("now", width, height - 3);
  pen.textAlign = "left";
}

/** Draws the areas, and writes the legend, which says the same in words. */
export function draw(canvas, legend, history, nothing) {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0) return;
  const sharp = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(document.documentElement);
  const kinds = series(history);
  const samples = history.samples;
  const sums = samples.map(({ rates }) => kinds.reduce((sum, kind) => sum + kind.at(rates), 0));
  const top = ceiling(Math.max(1, ...sums));
  scale(pen, style, width, height, top);
  const end = samples.at(-1)?.now ?? 0;
  const x = (now) => width - ((end - now) / (LENGTH * 1000)) * width;
  const y = (rate) => height - 18 - (rate / top) * (height - 36);
  const floor = samples.map(() => 0);
  for (const kind of kinds) {
    const below = floor.slice();
    samples.forEach(({ rates }, index) => { floor[index] += kind.at(rates); });
    pen.beginPath();
    samples.forEach(({ now }, index) => pen.lineTo(x(now), y(floor[index])));
    for (let index = samples.length - 1; index >= 0; index -= 1) pen.lineTo(x(samples[index].now), y(below[index]));
    pen.closePath();
    pen.fillStyle = style.getPropertyValue(`--c${kind.color}`);
    pen.globalAlpha = 0.88;
    pen.fill();
    pen.globalAlpha = 1;
  }
  const latest = samples.at(-1)?.rates ?? {};
  const rows = kinds.map((kind) => [kind.color, kind.name, perSecond(kind.at(latest))]);
  show(legend, rows, () => (rows.length === 0 ? h("li", {}, nothing)
    : rows.map(([color, name, rate]) => h("li", {}, h("span", { class: `dot c${color}` }), name, " ", h("b", {}, `${rate} /s`)))));
}
