// Plays slots and keno in headless Chromium, goes from game to game, and looks at what the lobby offers.
//
//   node games.mjs URL [--project DIR] [--screenshots DIR WIDTH,WIDTH,…]
//
// --project: where the server's Scripts and games are (it must watch them, with debug on): also changes what a game pays, and adds
// a game and a view as the pages of the documentation show them; puts everything back.
// Prints one line per check; exit status 0 when all hold.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, expect, expectNoSidewaysScrolling, option, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node games.mjs URL [--project DIR] [--screenshots DIR WIDTHS]");
  process.exit(2);
}

const project = option("--project");

let page;

async function picture(name, which = page) {
  if (!pictures.wanted) return;
  await pictures.take(which, name, { height: (width) => width < 500 ? 740 : width < 1000 ? 1000 : 900, calm: 700 });
  await page.size(1280, 860);
}

const game = (of = page) => of.last().gamestate;
const credits = () => page.last().wallet.credits;
const shownCredits = () => page.evaluate("Number(document.querySelector('#credits').dataset.value)");
const newState = (id) => page.until("a new state", () => game() && game().id !== id && game());
const blur = () => page.evaluate("document.activeElement?.blur()");
const count = (selector) => page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
const view = (id, of = page) => of.until(`the view of ${id}`, `document.querySelector('main').dataset.view === ${JSON.stringify(id)}`);
const ready = (root) => page.until("the end of the show", `document.querySelector(${JSON.stringify(root)})?.dataset.phase === 'ready' && document.querySelector('#status').dataset.phase === 'online'`);

/** Presses a key with nothing in focus, and waits for the state it brings. */
async function play(key, root) {
  await blur();
  const { id } = game();
  await page.until("the button", "!document.querySelector('.primary').disabled");
  await page.press(key);
  const state = await newState(id);
  await page.press("s");
  await ready(root);
  return state;
}

/** All is told: the credits are those of the server's last word. */
async function expectCredits() {
  await page.until("the credits", `Number(document.querySelector('#credits').dataset.value) === ${credits()}`);
}

async function lobbyChecks() {
  await check("the lobby shows the site's games with their pictures", async () => {
    await page.open(url);
    await page.until("the tiles", "document.querySelectorAll('.tile').length >= 4");
    const { games } = await (await fetch(new URL("/lobby/games?site=demo", url))).json();
    const shown = await page.evaluate("[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.game)");
    expect(JSON.stringify(shown) === JSON.stringify(games.map(({ id }) => id)), `${shown} and ${games.map(({ id }) => id)}`);
    await page.until("the pictures", "[...document.querySelectorAll('.tile img')].every((img) => img.complete && img.naturalWidth > 0)");
    expect(games.every(({ cover }) => cover), "covers");
    return shown.join(", ");
  });
  await check("a game with a package offers it, and the package can be loaded", async () => {
    const link = await page.evaluate("document.querySelector('.tile[data-game=joker_bingo] .tile-pck a')?.getAttribute('href')");
    const reply = await fetch(new URL(link, url));
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(reply.headers.get("content-type") === "application/octet-stream", reply.headers.get("content-type"));
    expect(bytes.subarray(0, 4).toString() === "GDPC", "the mark of Godot's packages");
    expect(await count(".tile[data-game=coin_toss] .tile-pck") === 0, "none where there is none");
    return `${bytes.length} bytes`;
  });
  await check("an unknown site has no list", async () => {
    const reply = await fetch(new URL("/lobby/games?site=nowhere", url));
    expect(reply.status === 404 && (await reply.json()).error === "unknown_site", `status ${reply.status}`);
  });
}

async function slotsChecks() {
  await check("slots open with five reels of three pictures", async () => {
    await page.click(".tile[data-game=firefly_garden]");
    await view("firefly_garden");
    await page.until("the pictures", "(() => { const all = [...document.querySelectorAll('.reel img')]; return all.length === 20 && all.every((img) => img.complete && img.naturalWidth > 0) })()");
    expect(await count(".reel") === 5 && await count(".line-list li") === 10 && await count(".pay-list li") === 8, "reels, lines, pays");
    await picture("slots-idle");
  });
  await check("a spin costs its stake; what it wins shows when the reels stand", async () => {
    const before = credits();
    const { id } = game();
    await page.evaluate("document.querySelector('.primary').click()");
    const state = await newState(id);
    const { bet, total_winnings: won } = state.data;
    expect(credits() === before - bet + won, `${before} - ${bet} + ${won} = ${credits()}`);
    await page.until("the reels to turn", "document.querySelector('.slots').dataset.phase === 'turning'");
    expect(await shownCredits() === before - bet, `only the stake while they turn: ${await shownCredits()}`);
    await page.press("s");
    await ready(".slots");
    await expectCredits();
    return `won ${won}`;
  });
  await check("what stands is what the server said", async () => {
    const { data } = game();
    const shown = await page.evaluate("[...document.querySelectorAll('.strip')].map((strip) => [...strip.querySelectorAll('img')].slice(1).map((img) => img.getAttribute('src').match(/(\\w+)\\.svg/)[1]))");
    expect(JSON.stringify(shown) === JSON.stringify(data.reels), JSON.stringify(shown));
  });
  await check("a win lifts its symbols, draws its line and names it", async () => {
    let state;
    for (let spins = 1; ; spins += 1) {
      // Four spins in ten win.
      expect(spins < 60, "no win in 60 spins");
      state = await play(" ", ".slots");
      if (state.data.total_winnings > 0) break;
      expect(await count(".cell.won") === 0 && await count(".lines .color") === 0, "nothing is marked without a win");
    }
    const { lines, total_winnings: won } = state.data;
    const told = won < state.data.bet ? `${won} comes back` : `You win ${won.toLocaleString("en")}`;
    expect(await page.text(".message") === told, await page.text(".message"));
    expect(await count(".lines .color") >= 1 && await count(".cell.won") >= lines[0].count - 1, "marks");
    expect(await count(`.pay-list li.won[data-symbol=${lines[0].symbol}]`) === 1, "the symbol in the pay table");
    await picture("slots-won");
    return `${lines.length} lines, ${won}`;
  });
  await check("+ and − change the bet by one credit a line", async () => {
    const bet = () => page.evaluate("Number(document.querySelector('.bet-amount output').textContent)");
    const before = await bet();
    await page.press("+");
    expect(await bet() === before + 10, "ten more");
    const state = await play("b", ".slots");
    expect(state.data.bet === before + 10, "is staked");
    await page.press("-");
    expect(await bet() === before, "as before");
  });
  await check("three clicks are one spin", async () => {
    const before = credits();
    const { id } = game();
    await page.until("the button", "!document.querySelector('.primary').disabled");
    await page.evaluate("(() => { const b = document.querySelector('.primary'); b.click(); b.click(); b.click() })()");
    const state = await newState(id);
    await page.press("s");
    await ready(".slots");
    expect(credits() === before - state.data.bet + state.data.total_winnings && game().id === state.id, "one stake");
  });
  await check("a reloaded page shows the reels as they stood", async () => {
    const { id, data } = game();
    await page.call("Page.reload");
    await page.until("the state", `document.querySelector('main')?.dataset.state === ${JSON.stringify(id)}`);
    await ready(".slots");
    expect(JSON.stringify(game().data.reels) === JSON.stringify(data.reels) && await count(".reel") === 5, "the same reels");
  });
  await check("slots fit every width", () => expectNoSidewaysScrolling(page, "document.querySelector('.machine').getBoundingClientRect().right <= innerWidth"));
}

async function switchChecks() {
  await page.size(1280, 860);
  await check("the menu goes from game to game, and the one before is left", async () => {
    await page.click(".menu summary");
    await page.until("the menu", "document.querySelector('.menu').open");
    await picture("menu");
    const seen = page.frames.length;
    await page.click(".menu button[data-game=video_keno]");
    await view("video_keno");
    const states = page.frames.slice(seen).filter(({ sent, message }) => !sent && message.t === "state").map(({ message }) => message.curr_game);
    expect(JSON.stringify(states) === '[null,"video_keno"]' || JSON.stringify(states) === '["video_keno"]', JSON.stringify(states));
    expect(await page.evaluate("location.hash") === "#video_keno", "the address");
    expect(await count(".slots, .tile") === 0, "nothing else is shown");
  });
  await check("Escape closes the menu and stays in the game", async () => {
    await page.click(".menu summary");
    await page.until("the menu", "document.querySelector('.menu').open");
    await page.press("Escape");
    await page.until("the menu closed", "!document.querySelector('.menu').open");
    expect(page.last().curr_game === "video_keno", "still there");
  });
}

async function kenoChecks() {
  const choose = (number) => page.click(`.number:nth-child(${number})`);
  await check("keno is a game whose view lies in its own folder", async () => {
    expect(await count(".number") === 80 && await count(".star") === 20, "numbers and stars");
    expect(await page.evaluate("performance.getEntriesByName(new URL('/game/video_keno/view.js', location.href).href).length") > 0, "the view was loaded from there");
    expect(await page.evaluate("document.querySelector('.primary').disabled"), "nothing to play yet");
    await picture("keno-idle");
  });
  await check("numbers are chosen and given back, up to ten", async () => {
    for (const number of [3, 17, 24, 42, 58, 66]) await choose(number);
    expect(await count(".number.chosen") === 6 && await count(".pay-steps li") === 4, "six, with what they pay");
    await choose(66);
    expect(await count(".number.chosen") === 5, "given back");
    for (const number of [67, 68, 69, 70, 71, 72]) await choose(number);
    expect(await count(".number.chosen") === 10, "not more than ten");
    expect((await page.text(".message")).includes("10 numbers"), await page.text(".message"));
    await picture("keno-chosen");
  });
  await check("a round draws twenty, and pays what the table says", async () => {
    const before = credits();
    const { id } = game();
    await page.evaluate("document.querySelector('.primary').click()");
    const state = await newState(id);
    const { bet, balls, hits, numbers, total_winnings: won } = state.data;
    expect(balls.length === 20 && numbers.length === 10 && credits() === before - bet + won, "balls, numbers, credits");
    await page.until("the draw", "document.querySelector('.keno').dataset.phase === 'drawing'");
    expect(await shownCredits() === before - bet, "only the stake while the balls come");
    await page.press("s");
    await ready(".keno");
    await expectCredits();
    expect(await count(".star.on") === 20 && await count(".number.drawn") === 20, "all are shown");
    expect(await count(".number.chosen.drawn") === hits.length && await count(".star.hit") === hits.length, "hits");
    expect((await page.text(".detail")).startsWith(`${hits.length} of your 10`), await page.text(".detail"));
    await picture("keno-drawn");
    return `${hits.length} hits, ${won}`;
  });
  await check("a quick pick is free and is what is played", async () => {
    const before = credits();
    await blur();
    const { id } = game();
    await page.press("q");
    const picked = await newState(id);
    expect(credits() === before && picked.data.numbers.length === 10 && picked.data.bet === 0, "free");
    await ready(".keno");
    expect(await count(".number.chosen") === 10, "shown");
    const state = await play(" ", ".keno");
    expect(JSON.stringify(state.data.numbers) === JSON.stringify(picked.data.numbers), "the same numbers");
  });
  await check("C clears, arrow keys walk, Space chooses", async () => {
    await blur();
    await page.press("c");
    await page.until("an empty board", "document.querySelectorAll('.number.chosen').length === 0");
    await page.evaluate("document.querySelector('.number').focus()");
    await page.press("ArrowRight");
    await page.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.textContent") === "12", await page.evaluate("document.activeElement.textContent"));
    await page.press("Enter");
    await page.until("the number", "document.querySelector('.number:nth-child(12)').classList.contains('chosen')");
  });
  await check("keno fits every width", () => expectNoSidewaysScrolling(page, "document.querySelector('.board').getBoundingClientRect().right <= innerWidth"));
  await page.size(1280, 860);
}

/** The first block of code of a language behind a text of a page of the documentation. */
function block(file, mark, language) {
  const text = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");
  const start = text.indexOf(`\`\`\`${language}\n`, text.indexOf(mark));
  if (!text.includes(mark) || start < 0) throw new Error(`${file} has no block of ${language} behind "${mark}": adapt this test`);
  return text.slice(text.indexOf("\n", start) + 1, text.indexOf("\n```", start) + 1);
}

/** Waits until the site offers a game, or does not any more. */
async function offered(id, wanted) {
  for (let tries = 0; ; tries += 1) {
    const { games } = await (await fetch(new URL("/lobby/games", url))).json();
    if (games.some((one) => one.id === id) === wanted) return;
    expect(tries < 200, `the site ${wanted ? "offers" : "does not offer"} ${id}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function projectChecks() {
  await check("slots that pay back something else than they declare do not load, and the last version goes on", async () => {
    const manifest = join(project, "games/firefly_garden/manifest.json");
    const original = readFileSync(manifest, "utf8");
    const pays = '"5": 2500}';
    expect(original.includes(pays), "the game's pays have changed: adapt this test");
    try {
      writeFileSync(manifest, original.replace(pays, '"5": 250000}'));
      const text = await page.until("the error", "document.querySelector('.notice[data-kind=bad] pre')?.textContent");
      expect(/slots_spec\.lua:\d+: .*it pays back \d\.\d+/.test(text), text);
      expect(game().name === "idle" && (await play(" ", ".slots")).data.bet > 0, "it goes on");
      return text.split(": ").at(-1);
    } finally {
      writeFileSync(manifest, original);
      await page.until("the error to go", "!document.querySelector('.notice[data-kind=bad]')");
    }
  });
  await check("a game and its view are made while the server runs, as the pages of the documentation say", async () => {
    const folder = join(project, "games/two_dice");
    const site = join(project, "Scripts/casino/sites/demo.json");
    const original = readFileSync(site, "utf8");
    const manifest = block("README.md", "`games/two_dice/manifest.json`", "json").replace('"settings"', '"view": "view.js", "settings"');
    try {
      mkdirSync(join(folder, "client"), { recursive: true });
      writeFileSync(join(folder, "client/view.js"), block("docs/clients.md", "## A view of a game's own", "js"));
      writeFileSync(join(folder, "client/view.css"), ".primary { outline: 1px solid; }");
      writeFileSync(join(folder, "engine.lua"), block("README.md", "`games/two_dice/engine.lua`", "lua"));
      writeFileSync(join(folder, "manifest.json"), manifest);
      writeFileSync(site, original.replace('"coin_toss"', '"two_dice": {}, "coin_toss"'));
      await offered("two_dice", true);
      await page.open("about:blank");
      await page.open(new URL("/#two_dice", url).href);
      await view("two_dice");
      await page.shows("the view", "main p", "waiting, you have ");
      const before = credits();
      await blur();
      const { id } = game();
      await page.press("r");
      const { data } = await newState(id);
      expect(credits() === before - 5 + data.won, `${before} - 5 + ${data.won}`);
      await page.shows("the credits", "main p", credits().toLocaleString("en"));
      await page.click("#leave");
      await view("lobby");
    } finally {
      writeFileSync(site, original);
      await offered("two_dice", false);
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

async function sessionChecks(browser) {
  await check("a game that is left elsewhere closes here, too", async () => {
    const other = await browser.page();
    await other.size(800, 600);
    await other.open(new URL("/#video_keno", url).href);
    await view("video_keno", other);
    expect(game(other).id === game().id, "both see the same state");
    await other.click("#leave");
    await view("lobby", other);
    await view("lobby");
    expect(page.last().gamestate === undefined && await count(".tile") >= 4, "a state without a game shows the lobby");
    await other.call("Page.close");
    await page.call("Page.bringToFront");
  });
  await check("an address with a game leads into it; one that is not offered leads to the lobby", async () => {
    await page.open("about:blank");
    await page.open(new URL("/#firefly_garden", url).href);
    await view("firefly_garden");
    await page.open("about:blank");
    await page.open(new URL("/#no_such_game", url).href);
    await page.until("the advice", "document.querySelector('.toast')?.textContent.includes('does not offer')");
    await view("lobby");
    await picture("lobby");
  });
  await check("a bingo round that runs is not left through the menu", async () => {
    await page.click(".tile[data-game=joker_bingo]");
    await view("joker_bingo");
    const { id } = game();
    await page.until("the button", "!document.querySelector('.primary').disabled");
    await page.evaluate("document.querySelector('.primary').click()");
    const state = await newState(id);
    await page.press("s");
    await page.click(".menu summary");
    await page.click(".menu button[data-game=firefly_garden]");
    await page.until("the advice", "document.querySelector('.toast')?.textContent.includes('still running')");
    expect(game().id === state.id && await page.evaluate("document.querySelector('main').dataset.view") === "joker_bingo", "the round stands");
    await ready(".bingo");
    await page.click(".collect");
    await newState(state.id);
  });
  await check("the browser complains about nothing", async () => {
    expect(page.problems.length === 0, page.problems.join(" | "));
  });
}

await run(async (browser) => {
  page = await browser.page();
  await page.size(1280, 860);
  await lobbyChecks();
  await slotsChecks();
  await switchChecks();
  await kenoChecks();
  if (project) {
    await page.click(".menu summary");
    await page.click(".menu button[data-game=firefly_garden]");
    await view("firefly_garden");
    await projectChecks();
    await page.open("about:blank");
    await page.open(new URL("/#video_keno", url).href);
    await view("video_keno");
  }
  await sessionChecks(browser);
});
