// One thing of a run, ready to be drawn: what kind it is, whose, how rare, and what its card says.
import { ARCANA } from "./positions.js";

const GODS = [
  "Aphrodite", "Apollo", "Ares", "Demeter", "Hephaestus", "Hera", "Hestia", "Poseidon", "Zeus", "Hermes", "Artemis", "Dionysus",
  "Chaos", "Hades", "Arachne", "Medea", "Icarus", "Circe", "Athena",
];
const WEAPON_RANKS = ["Common", "Rare", "Epic", "Heroic", "Legendary", "Perfect"];
export const ROMAN = ["0", "I", "II", "III", "IV", "V", "VI"];
/** Levels of vows and cards are colored like these rarities. */
export const LEVEL_RARITIES = ["None", "Common", "Rare", "Epic", "Heroic"];
const WEAPONS = [["Staff", "staff"], ["Dagger", "blades"], ["Torch", "torch"], ["Axe", "axe"], ["Lob", "skull"], ["Suit", "coat"]];
const FAMILIARS = { HealthFamiliar: "frog", CritFamiliar: "raven", LastStandFamiliar: "cat", DigFamiliar: "hound", DodgeFamiliar: "polecat" };

const text = (value) => (value === undefined || value === null ? "" : String(value));

/** Effect lines, as far as they say something. */
function effects(list) {
  if (!Array.isArray(list)) return [];
  return list.filter((one) => one && one.text).map((one) => ({ text: text(one.text), value: text(one.value) }));
}

function base(kind, data, more) {
  return {
    kind, code: text(data.codeName), name: text(data.name) || text(data.codeName), rarity: text(data.rarity) || "Common",
    rank: text(data.rarity), description: text(data.description), effects: effects(data.effects), gods: [], glyph: "star", ...more,
  };
}

/** Whose a boon is: the mapping knows, and many code names tell. */
export function godsOf(code, mapping) {
  const known = mapping?.boons?.[code]?.gods;
  if (Array.isArray(known) && known.length) return known.map(text);
  const told = GODS.find((god) => code.startsWith(god)) ?? GODS.find((god) => code.includes(god));
  return told ? [told] : [];
}

const weaponOf = (code) => WEAPONS.find(([part]) => code.includes(part))?.[1] ?? "blades";

export function boon(data, mapping) {
  const code = text(data.codeName);
  const gods = godsOf(code, mapping);
  if (data.boonType === "Hammer" || gods[0] === "Hammer") return base("hammer", data, { gods: ["Hammer"], glyph: weaponOf(code) });
  return base("boon", data, { gods, glyph: (gods[0] ?? "star").toLowerCase() });
}

export function weapon(data) {
  const rank = WEAPON_RANKS.indexOf(text(data.rarity)) + 1;
  return base("weapon", data, { glyph: weaponOf(text(data.codeName)), rank: rank ? `Rank ${ROMAN[rank]}` : "" });
}

export function familiar(data) {
  const level = text(data.rarity);
  // The first protocol version knows no level and says "Common".
  return base("familiar", data, { glyph: FAMILIARS[text(data.codeName)] ?? "paw", rarity: "Common", rank: /^\d+$/.test(level) ? `Lv. ${level}` : "" });
}

export function extra(data, mapping) {
  const code = text(data.codeName);
  const type = text(data.extraType);
  if (type === "Keepsake") {
    const god = /^Force(\w+)BoonKeepsake$/.exec(code)?.[1];
    return base("keepsake", data, { glyph: god ? god.toLowerCase() : "charm", gods: god ? [god] : [], type });
  }
  if (type === "Hex") return base("hex", data, { glyph: "moon", gods: ["Selene"], rank: "Hex", type });
  const god = type.split(" ")[0];
  return base(type === "Chaos Curse" ? "curse" : "boon", data, { gods: godsOf(code, mapping).length ? godsOf(code, mapping) : [god], glyph: god.toLowerCase(), rank: type === "Chaos Curse" ? type : `${type}, ${text(data.rarity) || "Common"}`, type });
}

/** The mapping's cards by place: those of the list, then what else the mapping or the run has. */
export function placed(known, section, active) {
  const codes = known.map(([code, other]) => (typeof other === "string" && section?.[other] && !section?.[code] ? other : code));
  for (const code of [...Object.keys(section ?? {}), ...active.map((one) => text(one.codeName))]) if (!codes.includes(code) && !aliased(code, codes)) codes.push(code);
  return codes;
}

/** Whether a card stands there already under its other name. */
function aliased(code, codes) {
  const card = ARCANA.find(([today, first]) => code === today || code === first);
  return card ? codes.includes(card[0]) || codes.includes(card[1]) : false;
}

/** A card's or vow's data in what is active, whichever of its names was used. */
export function activeOf(code, active) {
  const names = ARCANA.find(([today, first]) => code === today || code === first)?.slice(0, 2) ?? [code];
  return active.find((one) => names.includes(one.codeName));
}

export { base, text };
