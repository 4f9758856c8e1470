// The triggers' page: asks for everything once a second while somebody looks.
import { $, h, show } from "../../lib/dom.js";
import { toast, watch } from "../../lib/watch.js";
import { post, state, token } from "./api.js";
import { clock } from "./event.js";
import { outcome, pins, recent, seen, take } from "./events.js";
import { duration, perSecond, whole } from "./figures.js";
import { stateWords, stream, worlds } from "./stream.js";
import { broken, detail, lost, pages, table } from "./triggers.js";

const INTERVAL = 1000;

let latest = null;
let before = null;
let rate = 0;
let selected = null;
/** How many triggers are before those of the table, and before those of its earlier pages. */
let from = 0;
let earlier = [];
/** What is tried, to be tried again when the scripts have changed. */
let attempted = null;
let holds = false;

async function attempt(what, name, pinned) {
  attempted = { what, name, pinned };
  const answer = await post("explain", what);
  outcome($("outcome"), answer, name);
  render();
}

const act = {
  async attempt(what, name, pinned) {
    await attempt(what, name, pinned);
    $("try").scrollIntoView({ block: "nearest" });
  },
  async pin(what) {
    const answer = await post("pin", what);
    toast(answer.problem ?? "Pinned. It stays until it is taken down, or the server is stopped.");
    poll();
  },
  async unpin(id) {
    const answer = await post("unpin", { id });
    if (answer.problem) toast(answer.problem);
    if (attempted?.pinned === id) attempted.pinned = undefined;
    poll();
  },
};

function numbers(all) {
  const { connection } = all;
  const stale = connection.worlds.filter((world) => world.stale?.length).length;
  const bad = ["waiting", "connecting"].includes(connection.state) && connection.down.count > 0;
  const rows = [
    ["Stream", stateWords(connection), bad],
    ["Events a second", perSecond(rate)],
    ["Fired", whole(all.counts.fired)],
    ["Duplicates dropped", whole(all.duplicates)],
    ["Stale worlds", whole(stale), stale > 0],
    ["Down in all", duration(connection.down.total_ms), connection.down.total_ms >= 1000],
  ];
  show($("numbers"), rows, () => rows.map(([name, value, isBad]) => h("div", { class: isBad && "bad" }, h("dt", {}, name), h("dd", { class: value.length > 12 ? "words" : null }, value))));
}

function render() {
  if (!latest || $("figures").hidden) return;
  broken($("broken"), latest.broken);
  numbers(latest);
  pages(latest);
  table($("triggers"), latest, selected, async (name) => {
    selected = selected === name ? null : name;
    await poll();
    if (selected) $("detail").focus();
  });
  lost($("lost"), latest.lost);
  detail(selected && latest.trigger ? latest.trigger : null, act);
  if (!holds) recent($("events"), act);
  pins($("pins"), latest.pinned, attempted?.pinned, act);
  worlds($("worlds"), latest.connection.worlds);
  stream($("stream"), latest);
  const printed = latest.printed;
  show($("printed"), printed, () => (printed.length === 0
    ? h("p", { class: "empty" }, "Nothing yet. Scripts write with ps2.print.")
    : h("pre", { class: "lines", tabindex: "0" }, [...printed].reverse().map(({ at, line }) => `${clock(at)}  ${line}`).join("\n"))));
}

function accept(all) {
  take(all.recent, all.latest);
  if (before && all.now > before.now) rate = Math.max(0, all.counts.events - before.events) * 1000 / (all.now - before.now);
  before = { now: all.now, events: all.counts.events };
  const isNew = latest && latest.generation !== all.generation;
  latest = all;
  from = all.triggers_from;
  // A script was saved: what is tried is tried again.
  if (isNew && attempted) attempt(attempted.what, attempted.name, attempted.pinned);
}

const poll = watch({
  token, interval: INTERVAL, hidden: [$("figures")],
  async look(isLate) {
    const all = await state({ after: seen(), from, find: $("find").value, ...(selected ? { trigger: selected } : {}) });
    if (isLate()) return;
    accept(all);
    $("figures").hidden = false;
    render();
    return "Live";
  },
});

$("own").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("own-text").value.trim();
  if (text) attempt({ event: text }, "Your event");
});
$("own-pin").addEventListener("click", () => {
  const text = $("own-text").value.trim();
  if (text) act.pin({ event: text });
});
$("find").addEventListener("input", () => {
  [from, earlier] = [0, []];
  poll();
});
$("earlier").addEventListener("click", () => {
  from = earlier.pop() ?? 0;
  poll();
});
$("later").addEventListener("click", () => {
  earlier.push(latest.triggers_from);
  from = latest.triggers_from + latest.triggers.length;
  poll();
});
$("detail-close").addEventListener("click", () => {
  const name = selected;
  selected = null;
  render();
  document.querySelector(`#triggers [data-focus="${CSS.escape(name)}"]`)?.focus();
});
$("hold").addEventListener("click", () => {
  holds = !holds;
  $("hold").setAttribute("aria-pressed", String(holds));
  $("hold").textContent = holds ? "Go on" : "Hold";
  render();
});
$("filter").addEventListener("change", render);
