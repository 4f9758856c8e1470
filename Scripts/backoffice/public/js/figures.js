// Figures as people read them.

/** 1234567 → "1 234 567", with a thin space that does not break. Also of a BigInt. */
export const whole = (number) => {
  const isBelow = number < 0;
  const text = typeof number === "bigint" ? String(isBelow ? -number : number) : String(Math.trunc(Math.abs(number ?? 0)));
  return (isBelow ? "\u2212" : "") + text.replace(/\B(?=(\d{3})+$)/g, "\u202F");
};

/** A sum that the server tells as a number, or as a text where a number would be rounded. */
export const sum = (value) => BigInt(value ?? 0);

/** 0.8812 → "88.12 %". */
export const percent = (value) => `${(value * 100).toFixed(2)}\u202F%`;

/** A moment as a local date and time, to the second. */
export function moment(milliseconds) {
  if (!milliseconds) return "–";
  return new Date(milliseconds).toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" });
}

/** How long something took or takes, in the two largest units. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The beginning of a long id. */
export const short = (id) => (id && id.length > 13 ? `${id.slice(0, 8)}…` : id ?? "–");
