// Looks at the page of the triggers in headless Chromium while events come, scripts are saved and the stream is lost.
//
//   node triggers.mjs URL STREAM SCRIPTS [--screenshots DIR WIDTH,WIDTH,…]
//
// URL is that of the page (…/triggers/), STREAM the address of the server with the package fake_stream, SCRIPTS the folder of
// scripts that the page's server watches. Prints one line per check; exit status 0 when all hold.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, expect, expectNoSidewaysScrolling, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url, stream, scripts] = process.argv.slice(2);
if (!url || !stream || !scripts) {
  console.error("usage: node triggers.mjs URL STREAM SCRIPTS [--screenshots DIR WIDTHS]");
  process.exit(2);
}

let page;

async function picture(name) {
  if (!pictures.wanted) return;
  await pictures.take(page, `triggers-${name}`, { height: (width) => width < 500 ? 3600 : width < 1000 ? 2600 : 1700, calm: 1300 });
  await page.size(1280, 900);
}

const text = (selector) => page.text(selector);
const shows = (what, selector, part) => page.shows(what, selector, part);
const press = (selector, words) => page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].find((b) => (b.getAttribute("aria-label") ?? b.textContent).startsWith(${JSON.stringify(words)})).click()`);

/** Says messages to whoever is connected to the stream; what nobody would hear is an error. */
async function say(...messages) {
  const answer = await fetch(`${stream}/say`, { method: "POST", body: messages.map((m) => JSON.stringify(m)).join("\n") });
  const heard = await answer.text();
  expect(Number(heard) > 0, `somebody hears the stream: ${heard}`);
}
const event = (payload) => ({ payload: { timestamp: String(Math.floor(Date.now() / 1000)), world_id: "17", zone_id: "8", ...payload }, service: "event", type: "serviceMessage" });
let shots = 0;
const death = (more = {}) => event({
  attacker_character_id: "5429026007696236657", attacker_fire_mode_id: String(shots += 1), attacker_loadout_id: "1", attacker_team_id: "2", attacker_vehicle_id: "0",
  attacker_weapon_id: "7169", character_id: "5428010618015189713", character_loadout_id: "32", event_name: "Death", is_critical: "0", is_headshot: "0", team_id: "1", ...more,
});
const heartbeat = { online: { EventServerEndpoint_Connery_1: "true", EventServerEndpoint_Emerald_17: "true", EventServerEndpoint_Jaeger_19: "false", EventServerEndpoint_Soltech_40: "true" }, service: "event", type: "heartbeat" };

const headshots = (zone) => `local ps2 = require "ps2"
ps2.trigger {
  name = "headshots on Esamir", events = { "Death" }, worlds = { 17 },
  where = { is_headshot = true, attacker_weapon_id = { 7169, 7170 }, zone_id = ${zone} },
  action = function(event) ps2.print("a headshot in zone " .. event.zone_id) end,
}
`;
const save = (name, body) => writeFileSync(join(scripts, "ps2/triggers", name), body);

async function brokenChecks() {
  await check("a file that is broken at the start is named with its line, until it is mended or gone", async () => {
    await page.open(url);
    await shows("the file", "#broken", "ps2/triggers/broken.lua:1:");
    await shows("the slip", "#broken", 'did you mean "events"?');
    await page.size(360, 800);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "at 360");
    await page.size(1280, 900);
    rmSync(join(scripts, "ps2/triggers/broken.lua"));
    await page.until("its end", "document.querySelector('#broken').hidden");
  });
}

async function emptyChecks() {
  await check("without a trigger the page explains how to begin, and nothing is connected", async () => {
    await page.open(url);
    await page.until("the page", "document.querySelector('#status').dataset.phase === 'online' && !document.querySelector('#figures').hidden");
    await shows("the way to begin", "#triggers", "No trigger is on");
    await shows("the state", "#numbers", "not connected");
    await picture("empty");
  });
}

async function liveChecks() {
  await check("a saved file is a trigger, and the stream is connected", async () => {
    save("headshots.lua", headshots(8));
    save("ranks.lua", 'local ps2 = require "ps2"\nps2.trigger { name = "ranks", events = { "BattleRankUp" }, action = function(event) ps2.print("BR " .. event.battle_rank) end }\n');
    await shows("the trigger", "#triggers", "headshots on Esamir");
    // "not connected" would not do.
    await page.until("the connection", "/(?<!not )connected/.test(document.querySelector('#numbers')?.innerText)");
    await say(heartbeat);
    await shows("the worlds", "#worlds", "SolTech");
  });
  await check("events, what they fire and what scripts print appear by themselves", async () => {
    await say(death(), death({ is_headshot: "1" }), death({ is_headshot: "1", zone_id: "2" }), death({ world_id: "1" }), death({ attacker_weapon_id: "1", is_headshot: "1" }),
      event({ event_name: "BattleRankUp", battle_rank: "34", character_id: "5428010618015189713" }), event({ event_name: "SomethingNew", mood: "curious" }), "no JSON");
    await shows("a fired event", "#events", "fired a trigger");
    await shows("a printed line", "#printed", "a headshot in zone 8");
    await shows("which test rejected", "#triggers", "where.zone_id 1");
  });
  await check("a trigger shows the last that fired and the last that failed at each test", async () => {
    await page.evaluate("[...document.querySelectorAll('#triggers .link')].find((b) => b.textContent.startsWith('headshots')).focus()");
    await page.press("Enter");
    await page.until("the detail", "!document.querySelector('#detail').hidden && document.activeElement.id === 'detail'");
    for (const words of ["The last that fired", "failed at where.is_headshot", "failed at where.zone_id", "failed at where.attacker_weapon_id", "failed at worlds"]) await shows(words, "#detail", words);
    await page.evaluate("[...document.querySelectorAll('#detail .kept')].find((k) => k.innerText.includes('where.zone_id')).querySelector('button').click()");
    await shows("the reason", "#detail", "zone_id is 2; wanted is 8");
    await picture("detail");
  });
}

async function pinChecks() {
  await check("a pinned event is tried again when a script is saved", async () => {
    await page.evaluate("[...document.querySelectorAll('#detail .kept')].find((k) => k.innerText.includes('where.zone_id')).querySelectorAll('button')[1].click()");
    await page.until("the pin", "document.querySelector('#pins li')");
    await press("#pins button", "Try pinned");
    await shows("the outcome", "#outcome", "nothing fires");
    await shows("its reason", "#outcome", "zone_id is 2; wanted is 8");
    save("headshots.lua", headshots("{ 2, 8 }"));
    await shows("the new outcome", "#outcome", "one trigger fires");
    await picture("pinned");
  });
  await check("an event of one's own can be tried, and a text that is none is told", async () => {
    await page.evaluate("document.querySelector('#own-text').value = 'nonsense'");
    await page.click("#own button[type=submit]");
    await page.until("the refusal", "document.querySelector('#outcome .bad')");
    await page.evaluate(`document.querySelector('#own-text').value = ${JSON.stringify(JSON.stringify(event({ event_name: "BattleRankUp", battle_rank: "1", character_id: "1" })))}`);
    await page.click("#own button[type=submit]");
    await shows("the outcome", "#outcome", "ranks");
    await shows("the outcome", "#outcome", "one trigger fires");
  });
  await check("a bare payload can be tried and pinned", async () => {
    const { payload } = event({ event_name: "BattleRankUp", battle_rank: "77", character_id: "1" });
    await page.evaluate(`document.querySelector('#own-text').value = ${JSON.stringify(JSON.stringify(payload))}`);
    await page.click("#own button[type=submit]");
    await shows("the outcome", "#outcome", "one trigger fires");
    await page.evaluate("document.querySelector('#own-pin').click()");
    await shows("the pin", "#pins", "battle_rank 77");
    await page.evaluate("[...document.querySelectorAll('#pins li')].find((pin) => pin.innerText.includes('battle_rank 77')).querySelectorAll('button')[1].click()");
    await page.until("its end", "!document.querySelector('#pins').innerText.includes('battle_rank 77')");
  });
  await check("recent events can be filtered, held and tried", async () => {
    await page.evaluate("document.querySelector('#filter').value = 'SomethingNew'; document.querySelector('#filter').dispatchEvent(new Event('change'))");
    await page.until("one event", "document.querySelectorAll('#events li').length === 1");
    await page.evaluate("document.querySelector('#filter').value = ''; document.querySelector('#filter').dispatchEvent(new Event('change'))");
    await page.evaluate("document.querySelector('#hold').click()");
    await page.until("the list to be held", "document.querySelector('#hold').getAttribute('aria-pressed') === 'true'");
    const before = await text("#events");
    await say(death());
    await page.until("the event elsewhere", "[...document.querySelectorAll('#triggers td')].some((cell) => cell.innerText.includes('where.is_headshot'))");
    expect(await text("#events") === before, "held");
    await page.evaluate("document.querySelector('#hold').click()");
    await press("#events button", "Try Death");
    await shows("the outcome", "#outcome", "Death against the scripts");
  });
  await check("a pin can be taken down", async () => {
    await press("#pins button", "Take down");
    await page.until("no pin", "!document.querySelector('#pins li')");
  });
}

async function streamChecks() {
  await check("a broken file leaves the triggers as they are", async () => {
    save("ranks.lua", "ps2.trigger {");
    await page.evaluate("new Promise((done) => setTimeout(done, 1500))");
    await shows("the trigger", "#triggers", "ranks");
    save("ranks.lua", 'local ps2 = require "ps2"\nps2.trigger { name = "ranks", events = { "BattleRankUp" }, action = function(event) ps2.print("rank " .. event.battle_rank) end }\n');
    await page.until("the mended one", `fetch("/triggers/state?after=0").then((a) => a.json()).then((all) => all.triggers.some((t) => t.name === "ranks" && t.seen === 0))`);
  });
  await check("a lost stream is shown with its downtime", async () => {
    await fetch(`${stream}/drop`, { method: "POST" });
    await shows("the loss", "#stream", "the connection is lost");
    await shows("the return", "#stream", "connected again");
    await say(heartbeat);
    await shows("the worlds", "#worlds", "Emerald");
    await picture("lost");
  });
  await check("what stands in a tile stays within it, on the narrowest screen, too", async () => {
    await page.until("the connection", "/(?<!not )connected/.test(document.querySelector('#numbers')?.innerText)");
    for (const width of [360, 620, 1100]) {
      await page.size(width, 900);
      const wide = await page.evaluate(`[...document.querySelectorAll("#numbers div")].filter((tile) => {
        const range = document.createRange();
        range.selectNodeContents(tile.querySelector("dd"));
        return range.getBoundingClientRect().right > tile.getBoundingClientRect().right - parseFloat(getComputedStyle(tile).paddingRight) + 0.5;
      }).map((tile) => tile.innerText).join(" ")`);
      expect(wide === "", `at ${width}: ${wide}`);
    }
    await page.size(1280, 900);
  });
  await check("names of worlds are not broken, however narrow their table is", async () => {
    for (const width of [360, 720, 920, 1300, 1920]) {
      await page.size(width, 900);
      const lines = await page.evaluate(`[...document.querySelectorAll("#worlds tbody th")].map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return [cell.textContent, new Set([...range.getClientRects()].map((box) => box.top)).size];
      }).filter(([, count]) => count !== 1).join(" ")`);
      expect(lines === "", `at ${width}: ${lines}`);
    }
    await page.size(1280, 900);
  });
}

async function manyChecks() {
  await check("hundreds of triggers with all that they keep are shown, page by page", async () => {
    await page.open(url);
    save("many.lua", `local ps2 = require "ps2"
for number = 1, 450 do
  ps2.trigger { name = ("many %03d"):format(number), events = { "Odd" }, where = { a = "1", b = "1", c = "1", d = { "1", tostring(number) } } }
end
`);
    await shows("the first page", "#triggers", "many 001");
    const odd = (number, more = {}) => event({ event_name: "Odd", a: "1", b: "1", c: "1", d: "0", number: String(number), more: "x".repeat(1500), ...more });
    await say(odd(1, { a: "0" }), odd(2, { b: "0" }), odd(3, { c: "0" }), odd(4));
    await page.until("their counters", "document.querySelectorAll('#triggers tbody tr').length === 200 && document.querySelector('#triggers').innerText.includes('where.d 1')");
    await shows("how many there are", "#extent", "1–200 of 452");
    await page.evaluate("document.querySelector('#later').click()");
    await shows("the second page", "#extent", "201–400 of 452");
    await page.evaluate("document.querySelector('#later').click()");
    await shows("the last page", "#extent", "401–452 of 452");
    await shows("the last trigger", "#triggers", "many 450");
    await page.evaluate("[...document.querySelectorAll('#triggers .link')].find((b) => b.textContent === 'many 450').click()");
    for (const test of ["where.a", "where.b", "where.c", "where.d"]) await shows(test, "#detail", `failed at ${test}`);
    await page.evaluate("document.querySelector('#earlier').click()");
    await shows("the page before", "#extent", "201–400 of 452");
    await page.evaluate("document.querySelector('#find').value = 'MANY 44'; document.querySelector('#find').dispatchEvent(new Event('input'))");
    await page.until("what was looked for", "document.querySelectorAll('#triggers tbody tr').length === 10");
    await page.evaluate("document.querySelector('#find').value = ''; document.querySelector('#find').dispatchEvent(new Event('input'))");
  });
  await check("events that are too long for one answer come one after the other", async () => {
    await page.open(url);
    const last = Number(await page.evaluate(`fetch("/triggers/state?after=0").then((a) => a.json()).then((all) => all.latest)`));
    for (let turn = 0; turn < 8; turn += 1) await say(...Array.from({ length: 25 }, (_, n) => event({ event_name: "Odder", number: String(turn * 25 + n), more: "y".repeat(6000) })));
    await page.until("the latest", `fetch("/triggers/state?after=${last + 199}").then((a) => a.json()).then((all) => all.recent.at(-1)?.seq === ${last + 200})`);
    await page.evaluate("document.querySelector('#filter').value = ''; document.querySelector('#filter').dispatchEvent(new Event('change'))");
    await page.until("the page has it", `document.querySelector('#events [data-focus="try ${last + 200}"]') && document.querySelector('#status').dataset.phase === 'online'`);
    rmSync(join(scripts, "ps2/triggers/many.lua"));
    await page.until("the end", "!document.querySelector('#triggers').innerText.includes('many') && document.querySelector('#pages').hidden");
  });
}

async function reloadChecks() {
  await check("what an action prints that began before a save is shown", async () => {
    const slow = (words) => `local ps2, nightjar = require "ps2", require "nightjar"
ps2.trigger { name = "slow", events = { "BattleRankUp" }, action = function(event)
  ps2.print("begun " .. event.battle_rank)
  local got, code = ps2.wait_for({ name = "never", events = { "ItemAdded" } }, 20)
  ps2.print("the wait gave " .. tostring(got) .. " " .. tostring(code))
end }
${words}
`;
    save("slow.lua", slow(""));
    await shows("the trigger", "#triggers", "slow");
    await say(event({ event_name: "BattleRankUp", battle_rank: "41", character_id: "5428010618015189713" }));
    await shows("its beginning", "#printed", "begun 41");
    await shows("what it waits with", "#triggers", "never");
    save("other.lua", "-- nothing");
    await shows("its end", "#printed", "the wait gave nil reloaded");
    for (const name of ["slow.lua", "other.lua"]) rmSync(join(scripts, "ps2/triggers", name));
    await page.until("the end", "!document.querySelector('#triggers').innerText.includes('slow')");
  });
}

async function loopChecks() {
  await check("a condition that takes too long is an error of its trigger, and the lost event is told", async () => {
    save("loop.lua", 'local ps2 = require "ps2"\nps2.trigger { name = "endless", events = { "BattleRankUp" }, conditions = { function(event) while event.battle_rank == 99 do end end } }\n');
    await shows("the trigger", "#triggers", "endless");
    expect(await page.evaluate("document.querySelector('#lost').hidden"), "nothing is lost yet");
    await say(event({ event_name: "BattleRankUp", battle_rank: "99", character_id: "5428010618015189713" }));
    await shows("the error", "#triggers", "1 took too long");
    await shows("the loss", "#lost", "One event was lost");
    await shows("the event", "#events", 'condition 1 of "endless" took too long');
  });
  await check("trying an event names the condition that takes too long, and tells of the other triggers", async () => {
    await press("#events button", "Try BattleRankUp");
    await shows("the condition", "#outcome", "condition 1 took longer than a handler may work");
    await shows("the other trigger", "#outcome", "one trigger fires");
    await page.evaluate("[...document.querySelectorAll('#triggers .link')].find((b) => b.textContent === 'endless').click()");
    await shows("what is kept", "#detail", '"battle_rank":"99"');
  });
  await check("after three times in a row the condition is not asked for a while, and the others get their events", async () => {
    const fast = (rank) => event({ event_name: "BattleRankUp", battle_rank: "99", character_id: String(rank) });
    await say(fast(1));
    await say(fast(2));
    await say(fast(3), fast(4), fast(5));
    await shows("the table", "#triggers", "condition 1 is not asked for a while");
    await shows("the page of it", "#detail", "it took too long 3 times in a row");
    await shows("those that were not asked", "#detail", "3 events counted as failed because the condition was not asked");
    await press("#events button", "Try BattleRankUp");
    await shows("why", "#outcome", "condition 1 took too long 3 times in a row");
    rmSync(join(scripts, "ps2/triggers/loop.lua"));
    await page.until("the end", "!document.querySelector('#triggers').innerText.includes('endless') && document.querySelector('#lost').hidden");
  });
}

async function otherChecks() {
  await check("the address without a path leads to the page", async () => {
    const answer = await fetch(new URL("/", url), { redirect: "manual" });
    expect(answer.status === 302 && answer.headers.get("location") === "/triggers/", `${answer.status}`);
  });
  await check("no sideways scrolling from 360 pixels on, and every button and field has a name", async () => {
    await expectNoSidewaysScrolling(page);
    await page.size(1280, 900);
    expect(await page.evaluate("[...document.querySelectorAll('button')].filter((b) => b.offsetParent).every((b) => b.textContent.trim() || b.getAttribute('aria-label'))"), "buttons");
    expect(await page.evaluate("[...document.querySelectorAll('select, textarea, input')].filter((f) => f.offsetParent).every((f) => f.labels.length)"), "fields");
  });
  await check("everything can be reached with the keyboard", async () => {
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
    const reached = new Set();
    for (let step = 0; step < 120; step += 1) {
      await page.press("Tab");
      reached.add(await page.evaluate("(() => { const e = document.activeElement; return e.closest('section, header')?.querySelector('h1, h2')?.textContent ?? e.tagName })()"));
    }
    for (const title of ["Triggers", "Recent events", "Try an event", "What the scripts printed"]) expect(reached.has(title), `${title}: ${[...reached].join(", ")}`);
  });
  await check("where the server wants a token, the page asks for it and keeps it in this tab", async () => {
    await page.evaluate(`globalThis.real = fetch; globalThis.fetch = (path, options) => options?.headers?.authorization === "Bearer right"
      ? real(path, options) : Promise.resolve(new Response("{}", { status: 401 }))`);
    await page.until("the question", "!document.querySelector('#gate').hidden && document.querySelector('#figures').hidden");
    await picture("token");
    for (const [value, after] of [["wrong", "document.querySelector('#gate-problem').textContent.includes('not right')"], ["right", "document.querySelector('#status').dataset.phase === 'online'"]]) {
      await page.evaluate(`document.querySelector('#gate-token').value = ${JSON.stringify(value)}`);
      await page.click("#gate button");
      await page.until(`the answer to ${value}`, after);
    }
    expect(await page.evaluate("sessionStorage.getItem('ps2.token') === 'right' && localStorage.length === 0 && document.cookie === ''"), "kept");
  });
  await check("a lost server is shown, what was there stays, and it comes back", async () => {
    await page.evaluate("globalThis.kept = fetch; globalThis.fetch = () => Promise.reject(new TypeError('gone'))");
    await page.until("the loss", "document.querySelector('#status').dataset.phase === 'lost' && 'stale' in document.querySelector('#figures').dataset");
    await page.evaluate("globalThis.fetch = kept");
    await page.until("live again", "document.querySelector('#status').dataset.phase === 'online' && !('stale' in document.querySelector('#figures').dataset)");
  });
}

async function alertChecks() {
  await check("the alert board shows alerts as they begin and end", async () => {
    save("alert_board.lua", readFileSync(join(scripts, "ps2/examples/alert_board.lua"), "utf8"));
    await page.until("the board", `(globalThis.real ?? fetch)("/alerts/").then((answer) => answer.status === 200)`);
    await page.open(new URL("/alerts/", url).href);
    await shows("an empty board", "#board", "No alert is running");
    const alert = (state, more = {}) => event({ event_name: "MetagameEvent", experience_bonus: "25.0", faction_nc: "33.3", faction_tr: "30.2", faction_vs: "36.5", instance_id: "12001", metagame_event_id: "147", metagame_event_state: String(state), metagame_event_state_name: "x", zone_id: "2", ...more });
    await say(alert(135), alert(135, { world_id: "10", instance_id: "1", zone_id: "344", faction_vs: "10.0", faction_nc: "70.0", faction_tr: "20.0" }), alert(135, { instance_id: "12002", zone_id: "6" }));
    await shows("a world", "#board", "Miller");
    await shows("an alert", "#board", "Indar · for 0 min · 25 % more experience");
    await picture("alerts");
    for (const width of [360, 1920]) {
      await page.size(width, 800);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `at ${width}`);
    }
    await page.size(1280, 900);
    await say(alert(138, { world_id: "10", instance_id: "1" }));
    await page.until("its end", "!document.querySelector('#board').innerText.includes('Miller')");
  });
  await check("the browser complains about nothing", async () => {
    const problems = page.problems.filter((problem) => !problem.includes("401") && !problem.includes("400") && !problem.includes("/alerts/"));
    expect(problems.length === 0, problems.join(" | "));
  });
}

await run(async (browser) => {
  page = await browser.page();
  await page.call("Page.bringToFront");
  await page.colors("dark");
  await page.size(1280, 900);
  await brokenChecks();
  await emptyChecks();
  await liveChecks();
  await pinChecks();
  await streamChecks();
  await reloadChecks();
  await loopChecks();
  if (pictures.wanted) {
    await page.colors("light");
    await picture("light");
    await page.colors("dark");
  }
  await otherChecks();
  await manyChecks();
  await alertChecks();
});
