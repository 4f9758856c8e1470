// Jackpots and their meters, as the servers told them last.
import { h } from "../../lib/dom.js";
import { moment, whole } from "./figures.js";
import { column, empty, figure, panel, table } from "./tables.js";

/** Storage units as what a player would get: whole units and a fraction. */
function amount(units, multiplier) {
  const rest = Math.abs(units) % multiplier;
  if (rest === 0) return whole(units / multiplier);
  const digits = String((rest / multiplier).toFixed(9)).slice(2).replace(/0+$/, "");
  return `${whole(units / multiplier)}.${digits}`;
}

// The meters, as they make up the value.
const METERS = ["start", "contributed", "seeded", "drawn", "carried", "awarded", "overflowed", "hidden"];
const NAMES = { seeded: "seeded by the house", drawn: "seeded by the reserve", hidden: "to the reserve" };

const sums = (level) => h("span", { class: level.fault ? "bad" : "good" }, level.fault ?? "add up");

function meters(level, multiplier) {
  return h("span", {}, METERS.filter((meter) => meter !== "start" || level.meters.start !== 0)
    .map((meter) => h("span", { class: "chip" }, `${NAMES[meter] ?? meter} ${amount(level.meters[meter], multiplier)}`)));
}

function one(jackpot) {
  const multiplier = jackpot.storage_multiplier;
  const heads = [column("Level"), figure("Value"), figure("Won"), figure("Reserve"), figure("Overflow"), column("Meters"), column("Sums")];
  return panel(`${jackpot.id} · ${jackpot.site} · ${jackpot.platform}`,
    table(`Levels of ${jackpot.id}`, heads, jackpot.levels.map((level) => [
      level.level, amount(level.value, multiplier), `${whole(level.wins)}\u202F×`, amount(level.reserve, multiplier), amount(level.overflow, multiplier),
      meters(level, multiplier), sums(level),
    ])),
    jackpot.levels.filter((level) => level.commitment).map((level) => h("p", { class: "note" }, `${level.level} is committed to `, h("code", {}, level.commitment))),
    h("p", { class: "note" }, `As of ${moment(jackpot.at)}. Amounts in ${jackpot.denom}.`));
}

export function jackpots({ rows }) {
  if (rows.length === 0) return [panel("Jackpots", empty("No jackpot has been reported yet. A server tells of those that have changed, every five seconds."))];
  return rows.map(one);
}
