// Makes text from outside safe to look at. (It is only ever inserted as text; this is about what the text itself can do.)

// Characters that are there without being seen, or that turn the reading direction of what follows.
const NAMES = new Map([
  [0x00, "NUL"], [0x07, "BEL"], [0x08, "BS"], [0x0d, "CR"], [0x1b, "ESC"], [0x7f, "DEL"],
  [0x061c, "ALM"], [0x200b, "ZWSP"], [0x200e, "LRM"], [0x200f, "RLM"], [0x2028, "LSEP"], [0x2029, "PSEP"],
  [0x202a, "LRE"], [0x202b, "RLE"], [0x202c, "PDF"], [0x202d, "LRO"], [0x202e, "RLO"], [0x2060, "WJ"],
  [0x2066, "LRI"], [0x2067, "RLI"], [0x2068, "FSI"], [0x2069, "PDI"], [0xfeff, "BOM"],
]);
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;
// More than a few marks on one letter would be drawn over the neighboring lines.
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

function named(character) {
  const code = character.charCodeAt(0);
  if (code === 0x0a) return "↵";
  if (code === 0x09) return "  ";
  return `⟨${NAMES.get(code) ?? code.toString(16).toUpperCase().padStart(2, "0")}⟩`;
}

/** The text with control and direction characters written out, on one line. */
export function visible(text) {
  return text.replace(UNSEEN, named).replace(PILED_MARKS, "$1");
}

/** The first `limit` UTF-16 units, without cutting a pair in two. */
export function cut(text, limit) {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}

/** `text`, at most `limit` units of it, and a sign that there was more. */
export const short = (text, limit) => text.length <= limit ? text : `${cut(text, limit)}…`;

/** 12345 → "12,345" */
export const count = (number) => number.toLocaleString("en");
