// What the browser tests share: options, one line per rule, and how many did not hold.
import { Browser } from "./browser.mjs";

/** A word behind an option of the command, the first one unless said otherwise; null without the option. */
export function option(name, at = 1) {
  const index = process.argv.indexOf(name);
  return index < 0 ? null : process.argv[index + at];
}

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

/** The page cannot be scrolled sideways at any of the usual widths; `alsoFits` is what else must hold there. */
export async function expectNoSidewaysScrolling(page, alsoFits = "true") {
  for (const width of [360, 480, 800, 1280, 1920]) {
    await page.size(width, 800);
    const needed = await page.evaluate("document.documentElement.scrollWidth");
    expect(needed <= width && await page.evaluate(alsoFits), `at ${width}: ${needed}`);
  }
}

/** Runs the checks in a browser, says how many did not hold, and ends the process. `clean` runs in any case. */
export async function run(body, clean = () => {}) {
  const browser = await Browser.launch();
  try {
    await body(browser);
  } catch (error) {
    fail(`the test itself: ${error.stack}`);
  } finally {
    await browser.close();
    clean();
  }
  console.log(failures ? `${failures} checks failed` : "all checks hold");
  process.exit(failures ? 1 : 0);
}
