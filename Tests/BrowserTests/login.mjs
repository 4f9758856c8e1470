// Logs in at a site of the test's own and plays on the platform `token`; then on a Facebook of the test's own.
//
//   node login.mjs NIGHTJAR [--screenshots DIR WIDTH…]     NIGHTJAR: the server's binary
//
// Prints one line per check; exit status 0 when all hold.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, expect, expectNoSidewaysScrolling, option, run } from "./checks.mjs";

const binary = process.argv[2];
if (!binary) {
  console.error("usage: node login.mjs NIGHTJAR");
  process.exit(2);
}
const SECRET = "a secret of the browser test";
const APP = { id: "354159478852902", secret: "the app's secret of the test" };
const USER = { id: "4711", name: "Ann" };
const START_MS_MAX = 60_000;

const base64 = (bytes) => Buffer.from(bytes).toString("base64url");
function signed(claims) {
  const text = `${base64('{"alg":"HS256"}')}.${base64(JSON.stringify(claims))}`;
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

/** Where people log in: sends the browser back with a token; and Facebook's answers about one. */
const asked = [];
const site = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://site");
  asked.push(pathname);
  const back = (fragment) => { response.writeHead(302, { location: `${fragment[0]}#${fragment[1]}` }); response.end(); };
  const answer = (value) => { response.setHeader("content-type", "application/json"); response.end(JSON.stringify(value)); };
  if (pathname === "/login") return back([searchParams.get("back"), `token=${signed({ sub: USER.id, name: USER.name, exp: 4102444800 })}&state=${searchParams.get("state")}`]);
  if (pathname === "/dialog") return back([searchParams.get("redirect_uri"), `access_token=EAA${searchParams.get("client_id")}&state=${searchParams.get("state")}`]);
  if (pathname === "/debug_token") return answer({ data: { app_id: APP.id, is_valid: searchParams.get("input_token") === `EAA${APP.id}`, expires_at: 0, user_id: USER.id } });
  if (pathname === "/me") return answer(USER);
  response.statusCode = 404;
  return response.end();
});
await new Promise((done) => site.listen(0, "127.0.0.1", done));
const siteURL = `http://127.0.0.1:${site.address().port}`;

const folder = mkdtempSync(join(tmpdir(), "nightjar-login-"));
const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
for (const part of ["Scripts/casino", "Scripts/engines", "Scripts/lib", "games"]) cpSync(join(project, part), join(folder, part), { recursive: true });
writeFileSync(join(folder, "config.json"), JSON.stringify({
  fb_app_id: APP.id, fb_app_secret: APP.secret, fb_graph_url: siteURL, secrets: { casino: { token_secret: SECRET } },
  packages: { casino: { token_login_url: `${siteURL}/login?back={page}&state={state}`, fb_dialog_url: `${siteURL}/dialog` } },
}));
const log = openSync(join(folder, "log"), "a");
const server = spawn(binary, [
  "serve", "--port", "0", "--ephemeral", "--config", join(folder, "config.json"), "--data-dir", join(folder, "data"), "--scripts", join(folder, "Scripts"),
  "--games", join(folder, "games"), "--port-file", join(folder, "port"),
], { stdio: ["ignore", log, log] });
const ended = new Promise((done) => server.once("exit", done));
const end = Date.now() + START_MS_MAX;
while (!existsSync(join(folder, "port")) || !readFileSync(join(folder, "port"), "utf8").trim()) {
  if (server.exitCode !== null || Date.now() > end) throw new Error(`the server did not start:\n${readFileSync(join(folder, "log"), "utf8")}`);
  await new Promise((done) => setTimeout(done, 50));
}
const url = `http://127.0.0.1:${readFileSync(join(folder, "port"), "utf8").trim()}`;

const inLobby = "document.body.dataset.view === 'lobby' && document.querySelector('#credits')?.dataset.value === '1000'";

await run(async (browser) => {
  const page = await browser.page();
  await page.size(360, 800);
  await check("who comes without a token is asked to log in, and nothing is played", async () => {
    await page.open(`${url}/token/portal?site=demo`);
    await page.shows("the question", "#main", "Who is playing?");
    expect(page.frames.length === 0, "no session has been started");
  });
  await check("the question fits at every width", () => expectNoSidewaysScrolling(page, "document.querySelector('#login').getBoundingClientRect().height >= 24"));
  await check("the link leads to the log-in and back into the lobby", async () => {
    await page.click("#login");
    await page.until("the lobby", inLobby);
    const start = page.frames.find(({ sent }) => sent).message;
    expect(start.platform === "token" && start.auth.uid === USER.id && start.auth.userinfo.name === USER.name, JSON.stringify(start));
    expect(await page.evaluate("!location.href.includes('token=')"), "the token is gone from the address");
  });
  await check("a token that nobody asked for is not taken: somebody else could have sent it", async () => {
    page.frames.length = 0;
    await page.open("about:blank");
    await page.open(`${url}/token/portal?site=demo#token=${signed({ sub: "somebody else", exp: 4102444800 })}&state=guess`);
    await page.shows("the question", "#main", "Who is playing?");
    expect(page.frames.length === 0, "no session has been started");
  });
  await check("the same on Facebook, whose word about the token is asked for", async () => {
    asked.length = 0;
    page.frames.length = 0;
    await page.open(`${url}/facebook/portal`);
    await page.click("#login");
    await page.until("the lobby", inLobby);
    const start = page.frames.find(({ sent }) => sent).message;
    expect(start.platform === "facebook" && start.auth.uid === USER.id, JSON.stringify(start));
    expect(asked.filter((path) => path === "/debug_token").length === 2, asked.join(" ")); // by the portal, and by the session
  });
  await check("no page has complained, and none has the app's secret", async () => {
    expect(page.problems.length === 0, page.problems.join("; "));
    expect(!(await page.evaluate("document.documentElement.outerHTML")).includes(APP.secret), "the secret is in the page");
  });
  const pictures = option("--screenshots");
  if (pictures) {
    for (const width of [360, 800, 1280]) {
      await page.size(width, 800);
      await page.open(`${url}/token/portal?site=demo`);
      await page.shows("the question", "#main", "Who is playing?");
      writeFileSync(join(pictures, `login-${width}.png`), await page.screenshot());
    }
  }
}, () => {
  server.kill();
  site.close();
  site.closeAllConnections();
  ended.then(() => rmSync(folder, { recursive: true, force: true }));
});
