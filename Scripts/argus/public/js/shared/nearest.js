// The name that somebody may have meant.

/** How many letters have to be put in, taken out, changed or swapped with their neighbor. */
export function distance(a, b) {
  let older = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
    }
    older = above;
    above = row;
  }
  return above[b.length];
}

/** The nearest of some names, or undefined if none is near. */
export function nearest(name, names) {
  const [best] = names.map((one) => [distance(name, one), one]).sort((x, y) => x[0] - y[0]);
  return best && best[0] <= Math.max(1, Math.floor(name.length / 3)) ? best[1] : undefined;
}
