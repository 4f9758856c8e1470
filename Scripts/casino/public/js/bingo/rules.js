// What the page must know of bingo to mark cards while balls are drawn. What a round pays is the server's word alone.

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const TOP = range(0, 4);
const MIDDLE = range(5, 9);
const BOTTOM = range(10, 14);

/** Patterns: name, title, and each set of positions that completes it. The first set is drawn in the pay table. */
export const PATTERNS = [
  { name: "bingo", title: "Bingo", sets: [range(0, 14)] },
  { name: "frame", title: "Frame", sets: [[...TOP, 5, 9, ...BOTTOM]] },
  { name: "double", title: "Two lines", sets: [[...TOP, ...BOTTOM], [...TOP, ...MIDDLE], [...MIDDLE, ...BOTTOM]] },
  { name: "x", title: "X", sets: [[0, 2, 4, 6, 8, 10, 12, 14]] },
  { name: "line", title: "Line", sets: [MIDDLE, TOP, BOTTOM] },
  { name: "corners", title: "Corners", sets: [[0, 4, 10, 14]] },
];

export const titleOf = (name) => PATTERNS.find((pattern) => pattern.name === name)?.title ?? name;

/** The best completed pattern of a card: {name, pay, positions}, or null. `hit` is a set of positions. */
export function best(hit, pays) {
  let found = null;
  for (const { name, sets } of PATTERNS) {
    const pay = pays[name] ?? 0;
    if (pay <= (found?.pay ?? 0)) continue;
    const set = sets.find((positions) => positions.every((position) => hit.has(position)));
    if (set) found = { name, pay, positions: set };
  }
  return found;
}

/** All the positions of a named pattern that are completed: of two lines of numbers both count. */
export function positionsOf(name, hit) {
  const sets = PATTERNS.find((pattern) => pattern.name === name)?.sets ?? [];
  return new Set(sets.filter((positions) => positions.every((position) => hit.has(position))).flat());
}

/** Positions whose number would raise the card's pay: position → the pattern that it would make. */
export function chances(hit, pays) {
  const now = best(hit, pays)?.pay ?? 0;
  const found = new Map();
  for (const position of range(0, 14)) {
    if (hit.has(position)) continue;
    const then = best(new Set([...hit, position]), pays);
    if (then && then.pay > now) found.set(position, then);
  }
  return found;
}
