// What the browser tests share: one line per rule, and how many did not hold.
let failures = 0;

/** Prints whether a rule holds. `body` throws if not, and may return a note. */
export async function check(rule, body) {
  try {
    const note = await body();
    console.log(`ok    ${rule}${note ? ` (${note})` : ""}`);
  } catch (error) {
    fail(`${rule}: ${error.message}`);
  }
}

/** For what goes wrong between the rules. */
export function fail(text) {
  failures += 1;
  console.log(`FAIL  ${text}`);
}

export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

/** How many rules did not hold so far. */
export const failed = () => failures;
