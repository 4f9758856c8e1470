// The table of triggers, and what one of them remembers.
import { post } from "./api.js";
import { $, h, show } from "../../lib/dom.js";
import { duration, whole } from "./figures.js";
import { moment, read } from "./event.js";

const nameOf = (report) => report.name ?? report.key;

function rejections(report) {
  const some = report.rejected.filter(({ count }) => count > 0);
  if (some.length === 0) return "–";
  return h("ul", { class: "rejections" }, some.map(({ test, count }) => h("li", {}, `${test} `, h("b", {}, whole(count)))));
}

const HEADS = ["Trigger", "Seen", "Fired", "Rejected by", "Errors", "Last fired"];

/** "201–400 of 1 000", or nothing where all of them are there. */
function extent({ triggers, triggers_from, triggers_found, triggers_all }) {
  if (triggers.length === triggers_all) return "";
  const range = triggers.length === triggers_found ? whole(triggers_found) : `${whole(triggers_from + 1)}–${whole(triggers_from + triggers.length)}`;
  return triggers_found === 0 ? `none of ${whole(triggers_all)}` : `${range} of ${whole(triggers_found)}${triggers_found < triggers_all ? ` (${whole(triggers_all)} in all)` : ""}`;
}

/** Which triggers the table shows, and the way to the others. */
export function pages(all) {
  const isWhole = all.triggers.length === all.triggers_all;
  $("pages").hidden = isWhole && !$("find").value;
  $("extent").textContent = extent(all);
  $("earlier").disabled = all.triggers_from === 0;
  $("later").disabled = all.triggers_from + all.triggers.length >= all.triggers_found;
}

export function table(parent, all, selected, select) {
  const { triggers: list, now } = all;
  const signature = [selected, all.triggers_all, list.map((r) => [nameOf(r), r.file, r.events, r.seen, r.matched, r.rejected, r.errors, r.refused, r.raised, r.overran, r.cut_off, r.last_fired_at && duration(now - r.last_fired_at)])];
  show(parent, signature, () => {
    if (all.triggers_all === 0) {
      return h("div", { class: "empty" }, h("p", {}, "No trigger is on, so nothing is connected. Put a file into the folder Scripts/ps2/triggers; it is live when it is saved:"),
        h("code", {}, 'local ps2 = require "ps2"', h("br"), 'ps2.trigger { name = "ranks", events = { "BattleRankUp" }, action = function(event) ps2.print(event.battle_rank) end }'));
    }
    if (list.length === 0) return h("p", { class: "empty" }, "No trigger has this in its name or file.");
    const rows = list.map((report) => {
      const name = nameOf(report);
      const errors = report.errors + report.refused + report.raised;
      const words = [[report.errors, "failed"], [report.raised - report.overran, "conditions raised"], [report.overran, "took too long"], [report.refused, "given up"]].filter(([count]) => count > 0).map(([count, what]) => `${whole(count)} ${what}`).join(", ");
      return h("tr", {},
        h("th", { scope: "row" },
          h("button", { class: "link", type: "button", "data-focus": name, "aria-expanded": String(selected === name), onclick: () => select(name) }, name),
          h("span", { class: "sub" }, [report.events.join(", ") + (report.more_events ? ` and ${whole(report.more_events)} more` : ""), report.file].filter(Boolean).join(" · "))),
        h("td", { class: "number", "data-label": HEADS[1] }, whole(report.seen)),
        h("td", { class: "number", "data-label": HEADS[2] }, whole(report.matched)),
        h("td", { "data-label": HEADS[3] }, rejections(report)),
        h("td", { class: `number${errors ? " bad" : ""}`, "data-label": HEADS[4] }, errors ? words : "0", report.cut_off ? h("span", { class: "sub bad" }, `condition ${report.cut_off.condition} is not asked for a while`) : null),
        h("td", { class: "number", "data-label": HEADS[5] }, report.last_fired_at ? `${duration(now - report.last_fired_at)} ago` : "–"));
    });
    return h("table", { "aria-label": "Triggers" },
      h("thead", {}, h("tr", {}, HEADS.map((head, at) => h("th", { scope: "col", class: [1, 2, 4, 5].includes(at) && "number" }, head)))),
      h("tbody", {}, rows));
  });
}

/** Events that triggers have never seen. */
export function lost(parent, count) {
  parent.hidden = !count;
  show(parent, count, () => h("span", {}, `${count === 1 ? "One event was" : `${whole(count)} events were`} lost to the triggers that had not fired yet: a condition took too long. The log names its line.`));
}

/** Files that are left out because they do not load. */
export function broken(parent, list) {
  parent.hidden = list.length === 0;
  show(parent, list, () => [
    h("h2", { class: "bad" }, list.length === 1 ? "A trigger file does not load" : `${whole(list.length)} trigger files do not load`),
    ...list.map(({ problem }) => h("code", { class: "raw" }, problem)),
    h("p", {}, list.every((one) => one.is_misnamed) ? "Its triggers are off. Give it another name; the other files go on as ever." : "Its triggers are off. Mend it and save: what else is saved goes live only then."),
  ]);
}

/** The tests of an explanation as a list. */
export function tests(result) {
  const words = { passed: "yes", failed: "no", skipped: "–" };
  return h("ul", { class: "tests" }, result.tests.map((test) => h("li", { class: test.outcome }, h("b", {}, words[test.outcome]), h("span", {}, test.words))));
}

function keptEvent(title, kept, name, act) {
  const outcome = h("div", {});
  const explain = async () => {
    const answer = await post("explain", { event: kept.text, trigger: name });
    outcome.replaceChildren(answer.problem ? h("p", { class: "bad" }, answer.problem) : answer.results.length ? tests(answer.results[0]) : h("p", {}, "This trigger is gone."));
  };
  const event = read(kept.text);
  return h("section", { class: "kept" },
    h("header", {},
      h("h3", {}, title),
      h("span", { class: "sub" }, [event.place, moment(kept.at)].filter(Boolean).join(" · ")),
      h("button", { class: "quiet", type: "button", "data-focus": `why ${title}`, onclick: explain }, "Why?"),
      h("button", { class: "quiet", type: "button", "data-focus": `pin ${title}`, onclick: () => act.pin({ event: kept.text }) }, "Pin")),
    h("code", { class: "raw", tabindex: "0" }, kept.text), outcome);
}

/** What one trigger remembers; hides itself when it is gone. */
export function detail(report, act) {
  $("detail").hidden = !report;
  if (!report) return;
  const name = nameOf(report);
  if ($("detail-title").textContent !== name) $("detail-title").textContent = name;
  const failed = report.last_failed.filter(({ text }) => text);
  const signature = [name, report.since, report.started, report.finished, report.errors, report.last_fired, failed, report.cut_off, report.unasked];
  show($("detail-body"), signature, () => [
    h("p", { class: "sub" }, [report.place, `since ${moment(report.since)}`, `${whole(report.started)} actions begun, ${whole(report.finished)} ended`,
      report.longest_ms ? `the longest ${duration(report.longest_ms)}` : "", report.condition_us ? `conditions ${report.condition_us.toFixed(1)} µs` : "", report.single_shot ? "fires once" : ""].filter(Boolean).join(" · ")),
    report.cut_off ? h("p", { class: "bad" }, `Condition ${report.cut_off.condition} is not asked until ${moment(report.cut_off.till)}, or until its file has changed: it took too long ${whole(report.cut_off.times)} times in a row.`) : null,
    report.unasked ? h("p", { class: "sub" }, `${whole(report.unasked)} events counted as failed because the condition was not asked.`) : null,
    report.last_fired?.text ? keptEvent("The last that fired", report.last_fired, name, act) : null,
    ...failed.map((kept) => keptEvent(`The last that failed at ${kept.test}`, kept, name, act)),
    !report.last_fired && failed.length === 0 ? h("p", { class: "empty" }, report.seen ? "None of its events was kept." : "No event has concerned it yet.") : null,
  ].filter(Boolean));
}
