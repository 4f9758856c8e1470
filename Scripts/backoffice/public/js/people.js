// Players and their sessions.
import { h } from "../../lib/dom.js";
import { duration, moment, short, whole } from "./figures.js";
import { list } from "./rounds.js";
import { column, empty, facts, figure, panel, table } from "./tables.js";

const link = (player) => h("a", { href: `#/player/${encodeURIComponent(player.id)}`, title: player.id }, player.name ?? player.uid);
const credits = (player) => Object.entries(player.accounts ?? {}).map(([denom, account]) => `${whole(account.credits)} ${denom}`).join(", ") || "–";

export function players({ rows, count }) {
  if (rows.length === 0) return [panel("Players", empty("Nobody has played yet. A player comes with his first session."))];
  const heads = [column("Player"), column("Platform"), column("Id there"), figure("Credits"), figure("Level"), column("Seen"), column("")];
  return [panel("Players", table("Players", heads, rows.map((player) => [
    link(player), player.platform, short(player.uid), credits(player), whole(player.soc_level), moment(player.seen),
    player.blocked ? h("span", { class: "bad" }, "blocked") : "",
  ])), count > rows.length && h("p", { class: "note" }, `The ${whole(rows.length)} who were here last, of ${whole(count)}.`))];
}

/** One player with his rounds; `block` blocks him or lets him in again. */
export function onePlayer(player, rounds, block) {
  return [
    panel(null,
      h("div", { class: "row between" }, h("h2", {}, player.name ?? player.uid),
        h("button", { class: "quiet", type: "button", "data-focus": "block", onclick: () => block(player.id, !player.blocked) }, player.blocked ? "Let in again" : "Block")),
      facts([
        ["State", player.blocked ? h("span", { class: "bad" }, "blocked: gets no new session") : "may play"], ["Credits", credits(player)],
        ["Platform", player.platform], ["Id there", player.uid], ["Player", player.id], ["E-mail", player.email],
        ["Level", player.soc_level], ["Spent in all", player.spend_total === undefined ? undefined : whole(player.spend_total)],
        ["Since", moment(player.since)], ["Seen", moment(player.seen)],
      ])),
    panel("Rounds", rounds.rows.length === 0 ? empty("None has been reported yet.") : list(rounds.rows, false),
      rounds.count > rounds.rows.length && h("p", { class: "note" }, `The latest ${whole(rounds.rows.length)} of ${whole(rounds.count)}.`)),
  ];
}

export function sessions({ rows, count }, query) {
  const isOpen = query.open === "1";
  const head = h("div", { class: "row between" }, h("h2", {}, isOpen ? "Sessions now" : "Sessions"),
    h("a", { href: isOpen ? "#/sessions" : "#/sessions?open=1" }, isOpen ? "All sessions" : "Only those that are open"));
  if (rows.length === 0) return [panel(null, head, empty(isOpen ? "Nobody plays." : "No session has been registered yet."))];
  const heads = [column("Player"), column("Site"), column("Platform"), column("Started"), column("Lasted"), column("Session")];
  return [panel(null, head, table("Sessions", heads, rows.map((session) => [
    h("a", { href: `#/player/${encodeURIComponent(session.player)}` }, session.name ?? short(session.player)), session.site, session.platform, moment(session.started),
    session.ended ? duration(session.ended - session.started) : h("span", { class: "good" }, "open"), short(session.id),
  ])), count > rows.length && h("p", { class: "note" }, `The latest ${whole(rows.length)} of ${whole(count)}.`))];
}
