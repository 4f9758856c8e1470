// Pictures of a page for people to look at, at several widths. There are none unless they are asked for.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { option } from "./checks.mjs";

const folder = option("--screenshots");
const widths = (option("--screenshots", 2) ?? "360,800,1600").split(",").map(Number);

/** Pictures are wanted. */
export const wanted = folder !== null;

/**
 * Takes pictures FOLDER/NAME-WIDTH.png; `height(width)` says how much of the page. `calm` is how long the page gets to
 * come to rest, milliseconds. Only where pictures are wanted.
 */
export async function take(page, name, { height, calm }) {
  mkdirSync(folder, { recursive: true });
  for (const width of widths) {
    await page.size(width, height(width));
    await page.evaluate(`new Promise((done) => setTimeout(done, ${calm}))`);
    writeFileSync(join(folder, `${name}-${width}.png`), await page.screenshot());
  }
}
