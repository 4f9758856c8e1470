// The run as the page knows it. A message replaces it field by field; what is missing in a message stays.

const LISTS = ["extraData", "elementalData", "pinData"];
const OBJECTS = ["boonData", "weaponData", "familiarData", "vowData", "arcanaData"];

/** Before any data. */
export const empty = () => ({
  boonData: {}, weaponData: {}, familiarData: {}, extraData: [], elementalData: [], pinData: [], vowData: {}, arcanaData: {}, totalRunItems: "0",
});

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The run after a message (an object). Fields of the wrong kind are as good as missing. */
export function updated(run, message) {
  if (!isObject(message)) return run;
  const next = { ...run };
  for (const name of LISTS) if (Array.isArray(message[name])) next[name] = message[name].filter(isObject);
  for (const name of OBJECTS) if (isObject(message[name])) next[name] = message[name];
  if (["string", "number"].includes(typeof message.totalRunItems)) next.totalRunItems = String(message.totalRunItems);
  return next;
}

/** The same from text; what cannot be read changes nothing. */
export function updatedByText(run, text) {
  try { return updated(run, JSON.parse(text)); } catch { return run; }
}
