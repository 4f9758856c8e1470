// From a run to what its four panels show. Nothing here touches the page: a run and a mapping go in, plain lists come out.
import { activeOf, base, boon, extra, familiar, LEVEL_RARITIES, placed, ROMAN, text, weapon } from "./items.js";
import { ARCANA, ELEMENTS, SLOTS, VOWS } from "./positions.js";

export const PANELS = [["run", "Run"], ["arcana", "Arcana"], ["vows", "Vows"], ["pins", "Pins"]];
/** Pins and rows of requirements that are drawn; the server sends no more than three pins. */
const PINS_MAX = 3;
const ROWS_MAX = 12;

const list = (value) => (Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : []);
const has = (data) => Boolean(data && data.codeName);

const emptyItem = (id, name, glyph) => ({ id, kind: "empty", name, code: "", rarity: "None", rank: "", description: "", effects: [], gods: [], glyph, empty: true });

/** Every item gets a name that stays the same from one state to the next, so that only what changed is drawn anew. */
function numbered(items, prefix) {
  const seen = new Map();
  return items.map((item) => {
    const count = (seen.get(item.code) ?? 0) + 1;
    seen.set(item.code, count);
    return { ...item, id: `${prefix}:${item.code}:${count}` };
  });
}

function runPanel(run, mapping) {
  const elements = list(run.elementalData);
  return {
    count: text(run.totalRunItems) || "0",
    elements: ELEMENTS.map((name) => ({ id: `element:${name}`, name, value: text(elements.find((one) => one.name === name)?.value) || "0" })),
    weapon: has(run.weaponData) ? { ...weapon(run.weaponData), id: "weapon", label: "Weapon" } : { ...emptyItem("weapon", "No weapon", "attack"), label: "Weapon" },
    familiar: has(run.familiarData) ? { ...familiar(run.familiarData), id: "familiar", label: "Familiar" } : { ...emptyItem("familiar", "No familiar", "paw"), label: "Familiar" },
    slots: SLOTS.map(([field, label, glyph]) => {
      const data = run.boonData?.[field];
      return has(data) ? { ...boon(data, mapping), id: field, label, slot: glyph } : { ...emptyItem(field, "Empty", glyph), label };
    }),
    others: numbered(list(run.boonData?.otherBoons).filter(has).map((data) => boon(data, mapping)), "other"),
    extras: numbered(list(run.extraData).filter((data) => has(data) && data.extraType).map((data) => extra(data, mapping)), "extra"),
  };
}

function arcanaPanel(run, mapping) {
  const active = list(run.arcanaData?.arcanaList).filter(has);
  const section = mapping?.arcana;
  return {
    count: text(run.arcanaData?.totalGrasp) || "0",
    cards: placed(ARCANA, section, active).map((code, at) => {
      const data = activeOf(code, active);
      const known = section?.[code];
      const name = data?.name ?? known?.name ?? ARCANA[at]?.[2] ?? code;
      const grasp = typeof known?.grasp === "number" ? [{ text: "Grasp:", value: String(known.grasp) }] : [];
      const item = base("arcana", { codeName: code, ...data, name }, { glyph: "star", number: at + 1, effects: grasp });
      if (data) return { ...item, id: `arcana:${code}`, rank: `Rank ${ROMAN[Math.max(1, LEVEL_RARITIES.indexOf(item.rarity))]}` };
      return { ...item, id: `arcana:${code}`, rarity: "None", rank: "Not active", empty: true, description: text(known?.descriptions?.[1]) };
    }),
  };
}

function vowsPanel(run, mapping) {
  const active = list(run.vowData?.vowList).filter(has);
  const section = mapping?.vows;
  return {
    count: text(run.vowData?.totalFear) || "0",
    vows: placed(VOWS, section, active).map((code) => {
      const data = activeOf(code, active);
      const known = section?.[code];
      const row = VOWS.find(([one]) => one === code);
      const level = Math.max(0, Math.min(9, parseInt(data?.level, 10) || 0));
      const most = Array.isArray(known?.descriptions) ? known.descriptions.length - 1 : row?.[2] ?? level;
      const name = data?.name ?? known?.name ?? row?.[1] ?? code;
      const fear = known?.fears?.[level];
      return {
        ...base("vow", { codeName: code, ...data, name }, { glyph: "vow" }), id: `vow:${code}`, level, most: Math.max(most, level), short: name.replace(/^Vow of (the )?/, ""),
        rarity: LEVEL_RARITIES[Math.min(level, 4)], rank: level ? `Level ${level} of ${Math.max(most, level)}` : "Not taken", empty: level === 0,
        description: text(data?.description ?? known?.descriptions?.[1]), effects: level && typeof fear === "number" ? [{ text: "Fear:", value: String(fear) }] : [],
      };
    }),
  };
}

function pinsPanel(run, mapping) {
  const pins = list(run.pinData).filter(has).slice(0, PINS_MAX);
  return {
    count: String(pins.length),
    pins: numbered(pins.map((data) => ({ ...boon(data, mapping), requirements: list(data.requirements).slice(0, ROWS_MAX) })), "pin").map((pin) => ({
      ...pin,
      requirements: pin.requirements.filter((row) => row.type).map((row, at) => ({
        type: text(row.type), number: at + 1,
        items: numbered(list(row.items).filter(has).map((data) => ({ ...boon(data, mapping), fulfilled: data.fulfilled === true, rank: data.fulfilled === true ? "You have it" : "You do not have it yet" })), `${pin.id}:${at}`),
      })),
    })),
  };
}

/** The four panels of a run. `mapping` may be null as long as it is not loaded. */
export const panels = (run, mapping) => ({
  run: runPanel(run, mapping), arcana: arcanaPanel(run, mapping), vows: vowsPanel(run, mapping), pins: pinsPanel(run, mapping),
});
