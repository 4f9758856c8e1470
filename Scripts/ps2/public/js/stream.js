// The connection: worlds and their silence, subscriptions, downtime, what was odd.
import { h, show } from "../../lib/dom.js";
import { duration, whole } from "./figures.js";
import { moment } from "./event.js";

/** Subscriptions that are drawn. */
const SHOWN = 50;

const STATES = { open: "connected", connecting: "connecting", waiting: "waiting for the next attempt", closed: "not connected", offline: "off (setting offline)" };

export const stateWords = (connection) => (connection.paused ? "closed by a script" : STATES[connection.state] ?? connection.state);

export function worlds(parent, list) {
  const signature = list.map((w) => [w.name, w.online, w.stale?.map((s) => [s.event, duration(s.silent_ms)]), w.events.map((e) => [e.name, duration(e.ago_ms)])]);
  show(parent, signature, () => {
    if (list.length === 0) return h("p", { class: "empty" }, "The service has not said yet which worlds there are.");
    return h("table", { "aria-label": "Worlds" },
      h("thead", {}, h("tr", {}, ["World", "State", "Silent for"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, list.map((world) => {
        const stale = new Map((world.stale ?? []).map((one) => [one.event, one]));
        const heard = world.events.map(({ name, ago_ms }) => h("li", { class: stale.has(name) && "bad" }, `${name} `, h("b", {}, duration(ago_ms))));
        const never = [...stale.values()].filter(({ event }) => !world.events.some(({ name }) => name === event)).map(({ event, silent_ms }) => h("li", { class: "bad" }, `${event} `, h("b", {}, duration(silent_ms))));
        const words = stale.size ? "stale" : world.online === true ? "online" : world.online === false ? "offline" : "unknown";
        return h("tr", {}, h("th", { scope: "row" }, world.name),
          h("td", { class: stale.size ? "bad" : world.online ? "good" : "", "data-label": "State" }, words),
          h("td", { "data-label": "Silent for" }, heard.length + never.length ? h("ul", { class: "rejections" }, never, heard) : "–"));
      })));
  });
}

function note({ at, message, fields }) {
  const more = Object.entries(fields ?? {}).map(([name, value]) => `${name} ${typeof value === "number" ? Math.round(value * 10) / 10 : value}`).join(", ");
  return h("li", {}, h("time", {}, moment(at)), message, more ? h("span", { class: "sub" }, ` – ${more}`) : null);
}

export function stream(parent, all) {
  const { connection, counts, census } = all;
  const downs = [...connection.down.list].reverse().slice(0, 10);
  const notes = [...connection.notes].reverse().slice(0, 15);
  const facts = [
    ["State", stateWords(connection) + (connection.since ? ` for ${duration(all.now - connection.since)}` : connection.retry_in ? `, in ${Math.ceil(connection.retry_in)} s` : "")],
    ["Service", `${connection.url} (${connection.environment})`],
    connection.error && !connection.since && ["Last error", `${connection.error.code} ${connection.error.message ?? ""}`],
    connection.heartbeat_ms != null && ["Heartbeat", `${duration(connection.heartbeat_ms)} ago`],
    ["Subscriptions", `${whole(connection.subscribed)}${connection.altered ? `, altered by the service: ${connection.altered.words}` : connection.echoed_ms != null ? `, confirmed ${duration(connection.echoed_ms)} ago` : ""}`],
    ["Asked again", `${whole(connection.counts.resubscribed)} times; altered ${whole(connection.counts.altered)} times`],
    ["Down", `${whole(connection.down.count)} times, ${duration(connection.down.total_ms)} in all`],
    ["Messages", `${whole(counts.messages)}; skipped ${whole(counts.skipped)}, not JSON ${whole(counts.garbage)}, unknown ${whole(counts.unknown)}`],
    ["Census", `${whole(census.asked)} requests, ${whole(census.remembered)} answered from memory, ${whole(census.failed)} failed${census.down ? ` – down: ${census.down.detail}` : ""}`],
  ].filter(Boolean);
  show(parent, [facts, downs, notes, connection.subscriptions], () => [
    h("dl", { class: "facts" }, facts.flatMap(([name, words]) => [h("dt", {}, name), h("dd", {}, words)])),
    downs.length ? h("details", { open: true }, h("summary", {}, "Downtime"), h("ul", { class: "notes" }, downs.map(({ from, to, reason }) => h("li", {}, h("time", {}, moment(from)), to ? duration(to - from) : "goes on", h("span", { class: "sub" }, ` – ${reason}`))))) : null,
    notes.length ? h("details", { open: true }, h("summary", {}, "What happened"), h("ul", { class: "notes" }, notes.map(note))) : null,
    connection.subscriptions.length ? h("details", {}, h("summary", {}, "What is subscribed"), connection.subscriptions.slice(0, SHOWN).map((text) => h("code", { class: "raw" }, text))) : null,
  ].filter(Boolean));
}
