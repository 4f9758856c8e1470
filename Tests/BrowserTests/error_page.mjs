// Opens a page whose handler fails, mends the handler's file, and looks whether the page goes away by itself.
//
//   node error_page.mjs URL SCRIPTS     SCRIPTS: the folder of packages, which the server watches, with debug on
//
// Prints one line per check; exit status 0 when all hold.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, expect, run } from "./checks.mjs";

const [url, scripts] = process.argv.slice(2);
if (!scripts) {
  console.error("usage: node error_page.mjs URL SCRIPTS");
  process.exit(2);
}
const folder = join(scripts, "mistake");
const handler = (answer) => `local nightjar = require "nightjar"

nightjar.http.get("/mistake", function(request)
  ${answer}
end)

return {}
`;
const save = (answer) => writeFileSync(join(folder, "main.lua"), handler(answer));
const title = "document.querySelector('h1')?.textContent ?? ''";

await run(async (browser) => {
  mkdirSync(folder);
  const page = await browser.page();
  await check("a handler that fails is a page with its error and the lines around it", async () => {
    save("return { body = request.boddy .. '' }");
    // Until the package is there, the server has no such page.
    const address = new URL("/mistake", url).href;
    const end = Date.now() + 15_000;
    while ((await fetch(address)).status === 404) expect(Date.now() < end, "waited in vain for the package");
    await page.open(address);
    await page.until("the error", `(${title}) !== ''`);
    const shown = await page.evaluate("document.body.textContent");
    expect(shown.includes("mistake/main.lua:4") && shown.includes("boddy"), shown);
    expect(await page.evaluate("document.querySelector('pre b')?.textContent.includes('request.boddy')"), "the line is marked");
    return page.evaluate(title);
  });
  await check("another mistake in the saved file is shown in its place", async () => {
    save("error('the second mistake')");
    await page.until("the second mistake", `(${title}).includes('the second mistake')`);
  });
  await check("the page goes away by itself when the file is mended", async () => {
    save("return 'mended'");
    await page.until("the answer", "document.body?.textContent === 'mended'");
  });
}, () => {
  rmSync(folder, { recursive: true, force: true });
});
