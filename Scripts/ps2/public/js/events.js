// Recent events, pinned ones, and trying them.
import { $, h, show } from "../../lib/dom.js";
import { whole } from "./figures.js";
import { clock, read } from "./event.js";
import { tests } from "./triggers.js";

/** Events that the page keeps and draws. */
const KEPT = 200;

let events = [];
const names = new Set();

/** Takes what is new; a number that fell means that the server started again. */
export function take(list, latest) {
  if (events.length && latest < events.at(-1).seq) events = [];
  const last = events.at(-1)?.seq ?? 0;
  events.push(...list.filter(({ seq }) => seq > last).map((one) => ({ ...one, event: read(one.text) })));
  events = events.slice(-KEPT);
  for (const { event } of events) {
    if (names.has(event.name) || names.size > 40) continue;
    names.add(event.name);
    $("filter").append(h("option", { value: event.name }, event.name));
  }
}

/** The number behind which events are new. */
export const seen = () => events.at(-1)?.seq ?? 0;

function fits({ event, fired, why }) {
  const wish = $("filter").value;
  if (wish === "!fired") return fired > 0;
  if (wish === "!dropped") return Boolean(why);
  return !wish || event.name === wish;
}

export function recent(parent, act) {
  const list = events.filter(fits).slice(-60).reverse();
  show(parent, [$("filter").value, list.map(({ seq }) => seq)], () => {
    if (list.length === 0) return h("p", { class: "empty" }, events.length ? "None of the latest events is of this kind." : "No event has come yet.");
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Recent events" }, h("ul", { class: "events" }, list.map(({ seq, text, at, fired, why, event }) => h("li", {},
      h("time", {}, clock(at)),
      h("span", { class: "what" }, h("b", {}, event.name), " ", event.place, " ",
        fired ? h("span", { class: "fired" }, fired === 1 ? "fired a trigger" : `fired ${whole(fired)} triggers`) : null,
        h("span", { class: `sub${why ? " bad" : ""}` }, why ?? event.details)),
      h("span", { class: "acts" },
        h("button", { class: "quiet", type: "button", "data-focus": `try ${seq}`, "aria-label": `Try ${event.name} of ${clock(at)}`, onclick: () => act.attempt({ seq }, event.name) }, "Try"),
        h("button", { class: "quiet", type: "button", "data-focus": `pin ${seq}`, "aria-label": `Pin ${event.name} of ${clock(at)}`, onclick: () => act.pin({ seq }) }, "Pin")),
      h("details", {}, h("summary", {}, "Text"), h("code", { class: "raw" }, text))))));
  });
}

export function pins(parent, list, chosen, act) {
  show(parent, [chosen, list], () => {
    if (list.length === 0) return h("p", { class: "empty" }, "Pin an event, and try it again after every change of a script: it stays here, and what it does is shown anew whenever a script was saved.");
    return h("ul", { class: "events pinned", "aria-label": "Pinned events" }, list.map(({ id, text }) => {
      const event = read(text);
      return h("li", {},
        h("span", { class: "what" }, h("b", {}, event.name), " ", event.place, h("span", { class: "sub" }, event.details)),
        h("span", { class: "acts" },
          h("button", { class: "quiet", type: "button", "data-focus": `pinned ${id}`, "aria-pressed": String(chosen === id), "aria-label": `Try pinned ${event.name}`, onclick: () => act.attempt({ event: text }, event.name, id) }, "Try"),
          h("button", { class: "quiet", type: "button", "data-focus": `unpin ${id}`, "aria-label": `Take down ${event.name}`, onclick: () => act.unpin(id) }, "Take down")),
        h("details", {}, h("summary", {}, "Text"), h("code", { class: "raw" }, text)));
    }));
  });
}

/** What came out for every trigger; those that fire first. */
export function outcome(parent, answer, name) {
  if (answer.problem) {
    parent.replaceChildren(h("p", { class: "bad" }, answer.problem));
    return;
  }
  const { results, firing } = answer;
  parent.replaceChildren(
    h("p", { class: "sub" }, `${name} against the scripts as they are now (generation ${answer.generation}): ${firing === 0 ? "nothing fires" : firing === 1 ? "one trigger fires" : `${whole(firing)} triggers fire`}. No action was run.`),
    ...results.map((result) => h("section", { class: "kept" },
      h("header", {}, h("h3", {}, result.trigger), h("span", { class: result.fires ? "good" : "bad" }, result.fires ? "fires" : `fails at ${result.failed_at}`)),
      tests(result))),
    ...(results.length < answer.count ? [h("p", { class: "empty" }, `… and ${whole(answer.count - results.length)} more triggers.`)] : []));
}
