// The gateway's page: asks for the statistics once a second while somebody looks.
import { act, wireAdmin } from "./actions.js";
import { adminToken, stats, token } from "./api.js";
import { draw } from "./chart.js";
import { $, h, show } from "./dom.js";
import { perSecond, whole } from "./figures.js";
import { History } from "./history.js";
import { clients, pools, queues } from "./tables.js";

const INTERVAL = 1000;

const topics = new History();
const ops = new History();
const totals = new History();
const queued = new History();
let latest = null;
let timer = null;
let asking = false;

function status(phase, text) {
  $("status").dataset.phase = phase;
  if ($("status-text").textContent !== text) $("status-text").textContent = text;
}

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

function wantToken() {
  const gate = $("gate");
  if (gate.hidden) {
    gate.hidden = false;
    $("gate-token").focus();
  }
  $("figures").hidden = true;
  $("gate-problem").textContent = token.get() ? "This token is not right." : "";
  token.set("");
  status("refused", "A token is needed");
}

async function poll() {
  clearTimeout(timer);
  timer = null;
  if (document.hidden || asking || !$("gate").hidden) return;
  asking = true;
  try {
    const figures = await stats();
    if (figures.refused) {
      wantToken();
    } else {
      take(figures);
      $("figures").hidden = false;
      delete $("figures").dataset.stale;
      status("online", "Live");
      render();
    }
  } catch {
    $("figures").dataset.stale = "";
    status("lost", latest ? "Connection lost – trying again" : "No answer – trying again");
  }
  asking = false;
  if (!document.hidden) timer = setTimeout(poll, INTERVAL);
}

$("gate").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set($("gate-token").value.trim());
  $("gate-token").value = "";
  $("gate").hidden = true;
  poll();
});

const labelAdmin = wireAdmin(() => render());

function adminChanged() {
  labelAdmin();
  render();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return poll();
  status("paused", "Paused while nobody looks");
});
window.addEventListener("resize", render);
window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", render);
poll();
