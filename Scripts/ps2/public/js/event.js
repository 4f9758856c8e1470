// An event as a person reads it.

const WORLDS = { 1: "Connery", 10: "Miller", 13: "Cobalt", 17: "Emerald", 19: "Jaeger", 25: "Briggs", 40: "SolTech" };
const ZONES = { 2: "Indar", 4: "Hossin", 6: "Amerish", 8: "Esamir", 344: "Oshur" };

/** Fields that say most, in this order. */
const FIELDS = ["attacker_character_id", "character_id", "battle_rank", "experience_id", "amount", "is_headshot", "attacker_weapon_id", "facility_id", "new_faction_id", "metagame_event_state_name"];

/** The payload of a message's text; null if it has none. Numbers as strings, as the service sends them: none is too large. */
function payload(text) {
  try {
    const message = JSON.parse(text.replace(/:\s*(-?\d{16,})(?=\s*[,}])/g, ':"$1"'));
    return message.payload ?? null;
  } catch {
    return null;
  }
}

/** {name, place, details, timestamp} of a message's text. */
export function read(text) {
  const event = payload(text);
  if (!event || typeof event !== "object") return { name: "?", place: "", details: text.slice(0, 80) };
  const place = [WORLDS[event.world_id] ?? (event.world_id && `world ${event.world_id}`), ZONES[event.zone_id]].filter(Boolean).join(", ");
  const details = FIELDS.filter((field) => field in event).slice(0, 3).map((field) => `${field.replace(/_id$/, "")} ${event[field]}`).join(", ");
  return { name: String(event.event_name ?? "?"), place, details };
}

const two = (number) => String(number).padStart(2, "0");

/** 21:07:09, in this browser's zone. */
export function clock(milliseconds) {
  const date = new Date(milliseconds);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The same with the day where it is another than today. */
export function moment(milliseconds) {
  const date = new Date(milliseconds);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock(milliseconds) : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(milliseconds)}`;
}
