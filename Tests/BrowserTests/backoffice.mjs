// Looks at the back office's page in headless Chromium while sessions and rounds are reported.
//
//   node backoffice.mjs URL [--screenshots DIR WIDTH,WIDTH,…]
//
// URL is that of the page, with empty books. Prints one line per check; exit status 0 when all hold.
import { check, expect, expectNoSidewaysScrolling, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node backoffice.mjs URL [--screenshots DIR WIDTHS]");
  process.exit(2);
}

let page;

async function picture(name) {
  if (!pictures.wanted) return;
  await pictures.take(page, `backoffice-${name}`, { height: (width) => width < 500 ? 1900 : 1000, calm: 800 });
  await page.size(1280, 900);
}

async function report(method, path, body) {
  const answer = await fetch(new URL(`/rgs-api/${path}`, url), { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
  expect(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** A round of two dice: 5 in, `win` out. */
function round(number, session, win, more = {}) {
  const ops = [{ type: "bet", amount: 4 }, { type: "extra", amount: 1 }];
  if (win) ops.push({ type: "win", amount: win });
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return report("POST", "rounds", {
    round_id: id, session_id: session.session_id, site: "demo", game: "two_dice", denom: "CRE", started: 1763000000000 + number * 10000,
    ended: 1763000007000 + number * 10000, ops, total_in: 5, total_out: win, balance: 1000 + number, ...more,
  });
}

/** A level of a jackpot. */
function level(name, meters, value, more = {}) {
  const all = { start: 0, contributed: 0, hidden: 0, seeded: 0, drawn: 0, awarded: 0, overflowed: 0, carried: 0, ...meters };
  return { level: name, value, wins: all.awarded ? 3 : 0, reserve: all.hidden - all.drawn, overflow: all.overflowed - all.carried, meters: all, ...more };
}

const go = async (hash) => {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
};
const shows = (part) => page.shows(part, "#view", part);

let ann;

async function checks() {
  await check("empty books explain how to begin", async () => {
    await page.open(url);
    await page.until("the overview", "document.querySelector('#status').dataset.phase === 'online'");
    await shows("NIGHTJAR_RGS_BASE=");
    await picture("empty");
  });
  await check("sessions, players and rounds appear by themselves", async () => {
    ann = await report("POST", "sessions", { platform: "demo", site: "demo", user: { id: "g-ann", uid: "ann-at-home", name: "Ann <b>Okafor</b>" } });
    const bob = await report("POST", "sessions", { platform: "demo", site: "demo", user: { uid: "bob" } });
    for (let number = 1; number <= 40; number += 1) {
      const more = { outcome: number === 7 ? "expired" : "settled", marks: number % 10 === 0 ? ["doubles"] : [], declared_return: [0.8, 0.9] };
      await round(number, number % 2 ? ann : bob, number % 3 ? 0 : 12, more);
    }
    await report("POST", `players/${ann.player_id}`, { credits: 1234567, denom: "CRE", soc_level: 3, spend_total: 88, at: 1 });
    await report("POST", "jackpots", {
      platform: "demo", site: "demo", id: "jp_dice", denom: "CRE", storage_multiplier: 1000, at: 1763000000000,
      levels: [
        level("mini", { contributed: 12340678, seeded: 5000 }, 12345678, { commitment: "0f".repeat(32) }),
        level("grand", { contributed: 5000000, hidden: 2500, seeded: 98500, drawn: 1500, awarded: 4321000, overflowed: 200, carried: 200 }, 779001),
      ],
    });
    await shows("two_dice");
    await shows("too few rounds to tell");
    expect(await page.evaluate("document.querySelector('.gauge').getAttribute('aria-label').startsWith('measured 78.00')"), "the words of the picture");
    await picture("overview");
  });
  await check("a round is found by its id and shows every step", async () => {
    await page.evaluate("document.querySelector('#find-text').value = '00000000-0000-4000-8000-000000000030'");
    await page.click("#find button");
    await shows("doubles");
    const steps = await page.evaluate("[...document.querySelectorAll('.steps tbody tr')].map((row) => row.innerText.replaceAll('\\t', ' ')).join('|')");
    expect(/1\s+bet\s+4/.test(steps) && /2\s+extra\s+1/.test(steps) && /3\s+win\s+12\s+7/.test(steps), steps);
    await picture("round");
  });
  await check("rounds are found by mark, by outcome and by game", async () => {
    for (const [query, count] of [["mark=doubles", 4], ["outcome=expired", 1], ["game=demo/two_dice", 40]]) {
      await go(`#/rounds?${query}`);
      await page.until(`${count} rounds`, `document.querySelectorAll('table[aria-label="Rounds"] tbody tr').length === ${count}`);
    }
    await picture("rounds");
  });
  await check("a player is found by the id at the platform, and names stay text", async () => {
    await page.evaluate("document.querySelector('#find-text').value = 'ann-at-home'");
    await page.click("#find button");
    await shows("Ann <b>Okafor</b>");
    await shows("1\u202F234\u202F567 CRE");
    await picture("player");
  });
  await check("a player is blocked and let in again", async () => {
    await page.click("[data-focus=block]");
    await shows("gets no new session");
    const refused = await fetch(new URL("/rgs-api/sessions", url), { method: "POST", body: JSON.stringify({ platform: "demo", site: "demo", user: { uid: "ann-at-home" } }) });
    expect(refused.status === 403, `${refused.status}`);
    await page.click("[data-focus=block]");
    await shows("may play");
  });
  await check("sessions are listed, and those that are open", async () => {
    await report("DELETE", `sessions/${ann.session_id}`);
    await go("#/sessions");
    await page.until("two sessions", "document.querySelectorAll('table[aria-label=Sessions] tbody tr').length === 2");
    await go("#/sessions?open=1");
    await page.until("one session", "document.querySelectorAll('table[aria-label=Sessions] tbody tr').length === 1");
  });
  await check("jackpots show their value and meters", async () => {
    await go("#/jackpots");
    await shows("12\u202F345.678");
    await shows("contributed 12\u202F340.678");
    await shows("add up");
    await shows("the meters come to a value of 779000");
    await shows("mini is committed to 0f0f");
    await picture("jackpots");
  });
  await check("no sideways scrolling from 360 pixels on, in any view", async () => {
    for (const hash of ["#/", "#/rounds", "#/round/00000000-0000-4000-8000-000000000030", "#/players", `#/player/${ann.player_id}`, "#/sessions", "#/jackpots"]) {
      await go(hash);
      await page.until("the view", "document.querySelector('#view .panel, #view .numbers') && document.querySelector('#status').dataset.phase === 'online'");
      await expectNoSidewaysScrolling(page);
    }
    await page.size(1280, 900);
  });
  await check("an id that is nobody's says so", async () => {
    await go("#/round/none");
    await shows("know nothing of this id");
  });
  await check("a lost connection is shown, the books stay, and it comes back", async () => {
    await go("#/");
    await shows("two_dice");
    await page.evaluate("globalThis.kept = fetch; globalThis.fetch = () => Promise.reject(new TypeError('gone'))");
    await page.until("the loss", "document.querySelector('#status').dataset.phase === 'lost' && 'stale' in document.querySelector('#view').dataset");
    await page.evaluate("globalThis.fetch = kept");
    await page.until("live again", "document.querySelector('#status').dataset.phase === 'online' && !('stale' in document.querySelector('#view').dataset)");
  });
  await check("where the server wants a token, the page asks for it and keeps it in this tab", async () => {
    await page.evaluate(`globalThis.real = fetch; globalThis.fetch = (path, options) => options?.headers?.authorization === "Bearer right"
      ? real(path, options) : Promise.resolve(new Response("{}", { status: 401 }))`);
    await page.until("the question", "!document.querySelector('#gate').hidden && document.querySelector('#view').hidden");
    await page.evaluate("document.querySelector('#gate-token').value = 'right'");
    await page.click("#gate button");
    await page.until("the books", "!document.querySelector('#view').hidden && document.querySelector('#status').dataset.phase === 'online'");
    expect(await page.evaluate("sessionStorage.getItem('backoffice.token') === 'right' && localStorage.length === 0"), "where it is kept");
  });
  await check("the browser complains about nothing", async () => {
    const problems = page.problems.filter((problem) => !problem.includes("404"));
    expect(problems.length === 0, problems.join(" | "));
  });
}

await run(async (browser) => {
  page = await browser.page();
  await page.call("Page.bringToFront");
  await page.colors("dark");
  await page.size(1280, 900);
  await checks();
});
