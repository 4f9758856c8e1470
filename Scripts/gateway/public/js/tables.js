// Clients, queues and shards.
import { h, show } from "../../lib/dom.js";
import { bytes, duration, perSecond, whole } from "./figures.js";

/** Rows shown of each table; a page with thousands would be of no use. */
const ROWS = 500;

function table(label, heads, rows) {
  return h("table", { "aria-label": label },
    h("thead", {}, h("tr", {}, heads.map(({ text, number }) => h("th", { scope: "col", class: number && "number" }, text)))),
    h("tbody", {}, rows));
}

function row(heads, cells) {
  return h("tr", {}, cells.map((cell, index) => {
    const { text, number, acts } = heads[index];
    if (index === 0) return h("th", { scope: "row" }, cell);
    return h("td", { class: acts ? "acts" : number && "number", "data-label": text }, cell);
  }));
}

const column = (text) => ({ text });
const figure = (text) => ({ text, number: true });

function more(count) {
  return count > ROWS ? h("p", { class: "empty" }, `… and ${whole(count - ROWS)} more. All of them are in /gateway/stats.`) : null;
}

const shardsOf = (client) => Object.entries(client.shards ?? {}).sort()
  .map(([bot, id]) => (bot === "default" ? `${id}` : `${bot} ${id}`)).join(", ");

function actButtons(target, act) {
  return h("div", { class: "row" },
    h("button", { class: "quiet", type: "button", "data-focus": `reboot ${target}`, "aria-label": `Reboot ${target}`, onclick: () => act("reboot", target) }, "Reboot"),
    h("button", { class: "quiet", type: "button", "data-focus": `shutdown ${target}`, "aria-label": `Shut down ${target}`, onclick: () => act("shutdown", target) }, "Shut down"));
}

/** Buttons for everybody, and for each service type that has several clients. */
function groups(clients, act) {
  const counts = new Map();
  for (const { service } of clients) counts.set(service, (counts.get(service) ?? 0) + 1);
  const several = [...counts].filter(([service, count]) => count > 1 && !clients.some(({ source }) => source === service)).map(([service]) => service).sort();
  const targets = [["*", "everybody"], ...several.map((service) => [service, `all ${service}`])];
  return h("div", { class: "group" }, targets.flatMap(([target, words]) => ["reboot", "shutdown"].map((what) => h("button", {
    class: "quiet", type: "button", "data-focus": `${what} ${target}`, onclick: () => act(what, target),
  }, `${what === "reboot" ? "Reboot" : "Shut down"} ${words}`))));
}

export function clients(parent, list, act) {
  const shown = list.slice(0, ROWS);
  const signature = [Boolean(act), list.length, shown.map((c) => [c.source, c.service, duration(c.connected_ms), shardsOf(c), c.sent, c.received])];
  show(parent, signature, () => {
    if (list.length === 0) {
      return h("div", { class: "empty" }, h("p", {}, "Nobody is connected. A service opens a WebSocket at /gateway and says who it is:"),
        h("code", {}, '{"s":"web-1","t":"gateway:opcode","d":{"opcode":0}}'));
    }
    const heads = [column("Name"), column("Service"), figure("Connected"), figure("Shards"), figure("Sent"), figure("Received")];
    if (act) heads.push({ text: "", acts: true });
    const rows = shown.map((client) => row(heads, [
      client.source, client.service, duration(client.connected_ms), shardsOf(client) || "–", whole(client.sent), whole(client.received),
      act && actButtons(client.source, act),
    ].slice(0, heads.length)));
    return [act && groups(list, act), table("Clients", heads, rows), more(list.length)].filter(Boolean);
  });
}

export function queues(parent, all, history) {
  const names = Object.keys(all).sort();
  const rate = (name, what) => perSecond(history.latest(`${name} ${what}`));
  const rows = names.slice(0, ROWS).map((name) => {
    const q = all[name];
    return [name, whole(q.ready + (q.storing ?? 0)), whole(q.unacked), whole(q.delayed), name.endsWith(".dead") ? "–" : whole(q.dead), whole(q.consumers), bytes(q.bytes), `${rate(name, "stored")} / ${rate(name, "acked")}`];
  });
  show(parent, rows, () => {
    if (names.length === 0) {
      return h("div", { class: "empty" }, h("p", {}, "No queue is in use. A message waits in one until somebody has done it if its target ends with @+:"),
        h("code", {}, '{"s":"web-1","t":"gateway-proxy:web-1:mail@+:send","d":{}}'));
    }
    const heads = [column("Queue"), figure("Waiting"), figure("Held"), figure("Put off"), figure("Dead"), figure("Readers"), figure("Size"), figure("In / done a second")];
    return [table("Queues", heads, rows.map((cells) => row(heads, cells))), more(names.length)].filter(Boolean);
  });
}

/** Shards drawn of one pool; larger pools say the rest in words. */
const SHARDS = 512;

export function pools(parent, all) {
  const names = Object.keys(all).sort();
  show(parent, names.map((name) => [name, all[name]]), () => {
    if (names.length === 0) {
      return h("div", { class: "empty" }, h("p", {}, "No shard is taken. A service of a bot asks for its number with SHARD_CONNECT:"),
        h("code", {}, '{"s":"bot-1","t":"gateway:opcode","d":{"opcode":10,"bot":"main","shard_count":4}}'));
    }
    return names.map((name) => {
      const { shard_count: count, used, away = [] } = all[name];
      const cells = [];
      for (let id = 0; id < Math.min(count, SHARDS); id += 1) {
        const state = away.includes(id) ? "away" : used.includes(id) ? "used" : "free";
        const words = { away: "kept for a service that is away", used: "taken", free: "free" }[state];
        cells.push(h("li", { class: state, title: `Shard ${id}: ${words}`, "aria-label": `${id} ${words}` }, String(id)));
      }
      return h("section", { class: "pool" },
        h("header", {}, h("h3", {}, name), h("span", {}, `${used.length} of ${count} taken${away.length ? `, ${away.length} away` : ""}`)),
        h("ul", { class: "shards", "aria-label": `Shards of ${name}` }, cells),
        count > SHARDS ? h("p", { class: "empty" }, `… and ${whole(count - SHARDS)} more.`) : null);
    });
  });
}
