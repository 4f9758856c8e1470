// How much was played, and what the games have returned against what is declared.
import { h } from "../../lib/dom.js";
import { percent, sum, whole } from "./figures.js";
import { column, empty, figure, panel, table } from "./tables.js";

const VERDICTS = {
  fits: ["fits", "good"], above: ["above what is declared", "bad"], below: ["below what is declared", "bad"],
  few: ["too few rounds to tell", ""], full: ["more than can be counted", "bad"], undeclared: ["nothing is declared", ""],
};

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, properties) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  return element;
}

const range = (declared) => (declared === undefined ? null : Array.isArray(declared) ? declared : [declared, declared]);

/** The words for what the picture of a return shows. */
function words(game) {
  if (game.measured === undefined) return "no stakes yet";
  const declared = range(game.declared);
  return `measured ${percent(game.measured)}, between ${percent(game.low)} and ${percent(game.high)}`
    + (declared ? `, declared ${[...new Set(declared)].map(percent).join(" to ")}` : "");
}

/** Draws the measured return in its interval beside the declared one. */
function gauge(game) {
  const svg = shape("svg", { class: "gauge", viewBox: "0 0 200 26", role: "img", preserveAspectRatio: "none", "aria-label": words(game) });
  const declared = range(game.declared);
  const ends = [game.measured, Math.min(game.high, game.measured + 0.6), Math.max(game.low, game.measured - 0.6), ...(declared ?? [])];
  const [low, high] = [Math.min(...ends) - 0.03, Math.max(...ends) + 0.03];
  const x = (value) => (Math.min(high, Math.max(low, value)) - low) / (high - low) * 192 + 4;
  svg.append(shape("line", { class: "axis", x1: 0, x2: 200, y1: 13, y2: 13 }));
  if (declared) {
    svg.append(shape("rect", { class: "declared", x: x(declared[0]), width: Math.max(0, x(declared[1]) - x(declared[0])), y: 3, height: 20 }));
    for (const end of new Set(declared)) svg.append(shape("line", { class: "mark-declared", x1: x(end), x2: x(end), y1: 3, y2: 23 }));
  }
  svg.append(shape("line", { class: "interval", x1: x(game.low), x2: x(game.high), y1: 13, y2: 13 }));
  svg.append(shape("ellipse", { class: "measured", cx: x(game.measured), cy: 13, rx: 3, ry: 5 }));
  return svg;
}

function returns(game) {
  if (game.measured === undefined) return "–";
  return h("div", {}, percent(game.measured), h("small", {}, `${percent(game.low)} … ${percent(game.high)}`), gauge(game));
}

// A sum that stands still at the most that can be counted, and what was kept of such ones.
const counted = (game, value) => `${game.is_full ? "at least\u202F" : ""}${whole(sum(value))}`;
const kept = (game) => (game.is_full ? "–" : whole(sum(game.total_in) - sum(game.total_out)));

function games(list) {
  if (list.length === 0) {
    return empty("No round has been reported yet. Start a server of games that knows this back office, and play:",
      `NIGHTJAR_RGS_BASE=${location.origin}/rgs-api/ nightjar serve --debug`);
  }
  const heads = [column("Game"), figure("Rounds"), figure("In"), figure("Out"), figure("Of it jackpots"), figure("Kept"), figure("Return (95 %)"), figure("Declared"), column("Verdict")];
  const rows = list.map((game) => {
    const declared = range(game.declared);
    const [verdict, tone] = VERDICTS[game.verdict] ?? [game.verdict, ""];
    return [
      h("span", {}, h("a", { href: `#/rounds?game=${encodeURIComponent(`${game.site}/${game.game}`)}` }, game.game), h("small", {}, game.site)), whole(game.rounds),
      `${counted(game, game.total_in)} ${game.denom}`, counted(game, game.total_out), counted(game, game.jackpots), kept(game), returns(game),
      declared ? [...new Set(declared)].map(percent).join(" – ") : "–",
      h("span", { class: tone }, verdict),
    ];
  });
  return table("Games", heads, rows);
}

/** Rounds by outcome, as links to them. */
function outcomes(list) {
  const counts = {};
  for (const game of list) for (const [name, count] of Object.entries(game.outcomes ?? {})) counts[name] = (counts[name] ?? 0) + count;
  return Object.entries(counts).sort().map(([name, count]) => h("a", { class: "chip", href: `#/rounds?outcome=${encodeURIComponent(name)}` }, `${name} ${whole(count)}`));
}

/** Sums that may be added: those of one denomination. With one that stands still, all of it is at least so much. */
function money(list, of, isDifference = false) {
  const sums = {};
  const full = new Set(list.filter((game) => game.is_full).map((game) => game.denom));
  for (const game of list) sums[game.denom] = (sums[game.denom] ?? 0n) + of(game);
  const parts = Object.entries(sums).map(([denom, all]) => {
    const text = !full.has(denom) ? whole(all) : isDifference ? "–" : `at least\u202F${whole(all)}`;
    return Object.keys(sums).length > 1 ? `${text} ${denom}` : text;
  });
  return parts.join(" · ") || "0";
}

export function overview({ games: list, players, sessions, sites }) {
  const numbers = [
    ["Rounds", whole(list.reduce((all, game) => all + game.rounds, 0))], ["In", money(list, (game) => sum(game.total_in))],
    ["Out", money(list, (game) => sum(game.total_out))], ["Kept", money(list, (game) => sum(game.total_in) - sum(game.total_out), true)],
    ["Players", whole(players)], ["Sessions now", whole(sessions)],
  ];
  return [
    h("dl", { class: "numbers", "aria-label": "At a glance" }, numbers.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    panel("Games and their returns", games(list),
      list.length > 0 && h("p", { class: "note" }, "Returns are without jackpots, as declared ones are. The interval holds the true return in 95 of 100 cases once rounds are many. A game with rare large prizes needs many more rounds than others before it says much.")),
    list.length > 0 && panel("Rounds by outcome", h("div", {}, outcomes(list))),
    panel("Sites", h("p", {}, sites.length > 0 ? `Servers are told of: ${sites.join(", ")}.` : "No site is described in the folder sites.")),
  ].filter(Boolean);
}
