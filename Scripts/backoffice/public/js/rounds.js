// Rounds: lists of them, and one with every step.
import { h } from "../../lib/dom.js";
import { duration, moment, short, whole } from "./figures.js";
import { column, empty, facts, figure, panel, table } from "./tables.js";

const round = (id) => h("a", { href: `#/round/${encodeURIComponent(id)}`, title: id }, short(id));
const player = (id) => (id ? h("a", { href: `#/player/${encodeURIComponent(id)}`, title: id }, short(id)) : "–");
const chip = (kind, name) => h("a", { class: "chip", href: `#/rounds?${kind}=${encodeURIComponent(name)}` }, name);

/** A table of rounds, the newest first. */
export function list(rows, withPlayer = true) {
  const heads = [column("Round"), column("Ended"), column("Game"), column("Player"), figure("In"), figure("Out"), figure("Balance"), column("Outcome")]
    .filter(({ text }) => withPlayer || text !== "Player");
  return table("Rounds", heads, rows.map((row) => [
    round(row.round_id), moment(row.ended), h("span", {}, row.game, h("small", {}, row.site)), withPlayer ? player(row.player_id) : null,
    whole(row.total_in), whole(row.total_out), whole(row.balance),
    h("span", {}, chip("outcome", row.outcome ?? "settled"), (row.marks ?? []).map((mark) => chip("mark", mark))),
  ].filter((cell) => cell !== null)));
}

const TITLES = { outcome: "Rounds that ended as", mark: "Rounds with the mark", game: "Rounds of", player: "Rounds of the player" };

/** The rounds that a query names. */
export function rounds({ rows, count }, query) {
  const [kind, name] = Object.entries(query)[0] ?? [];
  const title = kind ? `${TITLES[kind] ?? "Rounds"} ${name}` : "Rounds";
  return [panel(null,
    h("div", { class: "row between" }, h("h2", {}, title), kind && h("a", { href: "#/rounds" }, "All rounds")),
    rows.length === 0 ? empty(kind ? "There are none." : "No round has been reported yet.") : list(rows),
    count > rows.length && h("p", { class: "note" }, `The latest ${whole(rows.length)} of ${whole(count)}.`))];
}

/** Does the player pay the step? Reports of earlier releases do not say so. */
const isPaid = (op) => (op.direction ? op.direction === "in" : op.type === "bet" || op.type === "extra");

/** One round with every step of it. */
export function oneRound(row) {
  let sum = 0;
  const begun = row.balance - row.total_out + row.total_in;
  const steps = row.ops.map((op, index) => {
    sum += isPaid(op) ? -op.amount : op.amount;
    const label = op.action ? `${op.type} (${op.action})` : op.type;
    return [`${index + 1}`, label, isPaid(op) ? whole(op.amount) : "", isPaid(op) ? "" : whole(op.amount), whole(sum), whole(begun + sum)];
  });
  const declared = row.declared_return;
  return [
    panel(`Round ${row.round_id}`, facts([
      ["Game", `${row.game} on ${row.site}`], ["Player", player(row.player_id)], ["Session", row.session_id], ["Outcome", chip("outcome", row.outcome ?? "settled")],
      ["Marks", row.marks.length > 0 ? h("span", {}, row.marks.map((mark) => chip("mark", mark))) : "none"],
      ["Started", moment(row.started)], ["Ended", moment(row.ended)], ["Lasted", duration(row.ended - row.started)], ["Reported", moment(row.received)],
      ["In", `${whole(row.total_in)} ${row.denom}`], ["Out", `${whole(row.total_out)} ${row.denom}`], ["Balance after it", whole(row.balance)],
      ["Declared return", declared === undefined ? undefined : [declared].flat().join(" to ")],
    ])),
    panel("Steps", steps.length === 0 ? empty("Nothing was paid in this round.")
      : table("Steps", [column("Step"), column("What"), figure("Paid"), figure("Got"), figure("Sum"), figure("Balance")], steps, "steps")),
  ];
}
