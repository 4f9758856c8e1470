// The gateway's page: asks for the statistics once a second while somebody looks.
import { $, h, show } from "../../lib/dom.js";
import { watch } from "../../lib/watch.js";
import { act, wireAdmin } from "./actions.js";
import { adminToken, stats, token } from "./api.js";
import { draw } from "./chart.js";
import { perSecond, whole } from "./figures.js";
import { History } from "./history.js";
import { clients, pools, queues } from "./tables.js";

const INTERVAL = 1000;

const topics = new History();
const ops = new History();
const totals = new History();
const queued = new History();
let latest = null;

function numbers(figures) {
  const waiting = Object.entries(figures.queues ?? {}).filter(([name]) => !name.endsWith(".dead")).reduce((sum, [, q]) => sum + q.ready + q.delayed, 0);
  const dead = Object.entries(figures.queues ?? {}).filter(([name]) => name.endsWith(".dead")).reduce((sum, [, q]) => sum + q.ready + q.unacked, 0);
  const shards = Object.values(figures.pools).reduce((sum, pool) => sum + pool.used.length, 0);
  const rows = [
    ["Clients", whole(figures.clients.length)],
    ["Shards taken", whole(shards)],
    ["Passed on a second", perSecond(totals.latest("proxied"))],
    ["Found nobody", whole(figures.messages.dropped), totals.latest("dropped") > 0],
    ["Waiting in queues", whole(waiting)],
    ["Dead letters", whole(dead), dead > 0],
  ];
  show($("numbers"), rows, () => rows.map(([name, value, bad]) => h("div", { class: bad && "bad" }, h("dt", {}, name), h("dd", {}, value))));
}

function render() {
  if (!latest || $("figures").hidden) return;
  const mayAct = adminToken.get() ? (what, target) => act(what, target, adminChanged) : null;
  numbers(latest);
  draw($("topics"), $("topics-legend"), topics, "Nothing was passed on in this time.");
  draw($("ops"), $("ops-legend"), ops, "No ops came in this time.");
  clients($("clients"), latest.clients, mayAct);
  pools($("pools"), latest.pools);
  queues($("queues"), latest.queues ?? {}, queued);
}

function take(figures) {
  latest = figures;
  const now = figures.now;
  topics.add(figures.messages.by_topic ?? {}, now);
  ops.add(figures.messages.by_op ?? {}, now);
  totals.add({ proxied: figures.messages.proxied, dropped: figures.messages.dropped }, now);
  const counts = {};
  for (const [name, q] of Object.entries(figures.queues ?? {})) {
    counts[`${name} stored`] = q.stored;
    counts[`${name} acked`] = q.acked;
  }
  queued.add(counts, now);
}

watch({
  token, interval: INTERVAL, hidden: [$("figures")],
  async look(isLate) {
    const figures = await stats();
    if (isLate()) return;
    take(figures);
    $("figures").hidden = false;
    render();
    return "Live";
  },
});

const labelAdmin = wireAdmin(() => render());

function adminChanged() {
  labelAdmin();
  render();
}

window.addEventListener("resize", render);
window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", render);
