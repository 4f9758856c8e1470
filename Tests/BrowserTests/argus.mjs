// Looks at Argus' pages in headless Chromium while runs come in: overlay, configurator, dashboard, the pages for Twitch.
//
//   node argus.mjs NIGHTJAR [--screenshots DIR]
//
// NIGHTJAR is the server's program; it is started here, with a Twitch of the test's own. Prints one line per check; exit status 0
// when all hold.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Stand } from "./argus_stand.mjs";
import { Browser, SHIFT } from "./browser.mjs";
import { check, expect, fail, failed } from "./checks.mjs";

const [binary, ...rest] = process.argv.slice(2);
const pictures = rest.includes("--screenshots") ? rest[rest.indexOf("--screenshots") + 1] : null;
if (!binary) {
  console.error("usage: node argus.mjs NIGHTJAR [--screenshots DIR]");
  process.exit(2);
}

const CHANNEL = "4711";
const FIRST = {
  boonData: "Rare;;ZeusWeaponBoon Epic;;AphroditeSpecialBoon Common;;DaggerBlinkAoETrait Duo;;PoseidonSplashSprintBoon Legendary;;AmplifyConeBoon Infusion;;ElementalDodgeBoon",
  weaponData: "Heroic;;DaggerBlockAspect", familiarData: "8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus",
  extraData: "Epic;;ForceZeusBoonKeepsake Common;;SpellSummonTrait", elementalData: "Fire:1;;Water:0;;Earth:3;;Air:0;;Aether:0",
  vowData: "4;;BossDifficultyShrineUpgrade 1;;MinibossCountShrineUpgrade 2;;BiomeSpeedShrineUpgrade", arcanaData: "3;;ChannelSlowMetaUpgrade 1;;CastDamageMetaUpgrade",
};
const SECOND = { ...FIRST, boonData: `${FIRST.boonData.replace("Rare;;Zeus", "Heroic;;Zeus")} Rare;;DoubleRewardBoon`, pinData: "LuckyBoon;;ElementalUnifiedBoon;;GoodStuffBoon" };

let stand;
let browser;
let page;
let token;
let key;

const quote = JSON.stringify;
const text = (selector) => page.evaluate(`document.querySelector(${quote(selector)})?.innerText ?? ""`);
const count = (selector) => page.evaluate(`document.querySelectorAll(${quote(selector)}).length`);
const shows = (what, selector, part) => page.until(what, `document.querySelector(${quote(selector)})?.innerText.includes(${quote(part)})`);

/** A picture at a size; the page is 1280 wide again afterwards. What is see-through lies before the green of a forest. */
async function picture(name, width, height) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.call("Emulation.setDefaultBackgroundColorOverride", { color: { r: 52, g: 84, b: 70, a: 1 } });
  await page.size(width, height);
  await page.evaluate("new Promise((done) => setTimeout(done, 900))");
  writeFileSync(join(pictures, `argus-${name}-${width}.png`), await page.screenshot());
  await page.call("Emulation.setDefaultBackgroundColorOverride");
  await page.size(1280, 900);
}

const overlay = (options = "") => `${stand.url}/argus/overlay?channel=${CHANNEL}&key=${key}${options}`;
async function open(options = "") {
  await page.open(overlay(options));
  await page.until("the connection", "document.documentElement.dataset.phase === 'online'");
}

async function configuratorChecks() {
  await check("the configurator explains every option and shows the overlay", async () => {
    await page.open(`${stand.url}/argus`);
    await page.until("the preview", "document.querySelector('#preview').contentDocument?.querySelector('[data-id=weapon]')");
    const [fields, explained] = [await count(".field"), await count(".field .explanation")];
    expect(fields >= 15 && fields === explained, `${fields} fields, ${explained} explanations`);
    expect(await text("#address") === `${stand.url}/argus/overlay`, await text("#address"));
    return `${fields} options`;
  });
  const ask = async (value) => {
    await page.evaluate(`document.querySelector('#token').value = ${quote(value)}`);
    await page.click("#key-form button");
  };
  await check("a token that the server does not know is refused in words", async () => {
    await ask("0123456789abcdef");
    await shows("the refusal", "#key-answer", "does not know this token");
  });
  await check("the Argus token brings channel and key, and is forgotten", async () => {
    await ask(token);
    await shows("the answer", "#key-answer", "Done");
    const address = await text("#address");
    expect(address.includes(`channel=${CHANNEL}`) && address.includes("key=••••"), address);
    expect(await page.evaluate("document.querySelector('#token').value === '' && localStorage.length === 0 && sessionStorage.length === 0 && document.cookie === ''"), "something was kept");
    await page.click("#reveal");
    key = new URL(await text("#address")).searchParams.get("key");
    expect(key && !key.includes("•"), `key ${key}`);
    await page.click("#reveal");
  });
  await check("options change the address and the preview", async () => {
    await page.evaluate(`(() => {
      const set = (name, value, event) => { const field = document.querySelector("#option-" + name); field.value = value; field.dispatchEvent(new Event(event, { bubbles: true })); };
      set("position", "left-bottom", "change"); set("scale", "1.5", "input"); set("accent", "#00ff00", "input");
      document.querySelector("#option-names").click();
      [...document.querySelectorAll("legend")].find((one) => one.textContent.startsWith("Panels")).parentElement.querySelectorAll("input")[2].click();
    })()`);
    await page.until("the address", `document.querySelector("#address").textContent.endsWith("panel=run,vows&names=0&position=left-bottom&scale=1.5&accent=00ff00")`);
    await page.until("the preview", `(() => { const inside = document.querySelector("#preview").contentDocument?.documentElement; return inside?.dataset.position === "left-bottom" && inside.style.fontSize === "24px" && inside.dataset.names === "off" && inside.querySelectorAll(".panel").length === 2 })()`);
  });
  await check("a wrong value is told at its field and does not come into the address", async () => {
    const before = await text("#address");
    await page.evaluate(`(() => { const field = document.querySelector("#option-scale"); field.value = "9"; field.dispatchEvent(new Event("input")); })()`);
    await shows("the problem", "#option-scale-problem", "from 0.5 to 3");
    expect(await text("#address") === before, "the address changed");
    await page.click("#reset");
    expect(await text("#option-scale-problem") === "" && (await text("#address")).endsWith("key=••••••••"), "reset");
  });
  await check("the button copies the whole address, key and all", async () => {
    await page.evaluate("globalThis.copied = null; Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: async (text) => { copied = text; } } })");
    await page.click("#copy");
    await shows("the word", "#said", "Copied");
    expect(await page.evaluate("copied") === overlay(), await page.evaluate("copied"));
  });
  await check("an address that one already has can be changed; what is wrong in it is named", async () => {
    await page.click(".address summary");
    await page.evaluate(`(() => { const field = document.querySelector("#paste"); field.value = ${quote(overlay("&delay=30&widht=400"))}; field.dispatchEvent(new Event("input")); })()`);
    await shows("the nearest name", "#paste-problem", "“width” is");
    expect(await page.evaluate("document.querySelector('#option-delay').value === '30' && document.querySelector('#paste').value === ''"), "delay, and the key out of sight");
    await page.until("the key for this delay", "document.querySelector('#address').innerText.includes('delay=30')");
    await page.evaluate("copied = null");
    await page.click("#copy");
    await page.until("the copy", "copied");
    const delayed = new URL(await page.evaluate("copied")).searchParams.get("key");
    expect(/^[0-9a-f]{32}$/.test(delayed) && delayed !== key, "an address with a delay carries a key that is good for no other");
    await page.click("#reset");
  });
  await check("no sideways scrolling from 360 pixels on, and everything has a name", async () => {
    for (const width of [360, 480, 759, 800, 1280, 1600, 2560]) {
      await page.size(width, 900);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `at ${width}`);
    }
    await page.size(1280, 900);
    const nameless = await page.evaluate(`[...document.querySelectorAll("button, input, select")].filter((one) => one.offsetParent && !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML).join()`);
    expect(nameless === "", nameless);
  });
  for (const [width, height] of [[360, 2600], [800, 1700], [1600, 1000]]) await picture("configurator", width, height);
  if (pictures) {
    await page.call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
    await picture("configurator-dark", 1600, 1000);
    await page.call("Emulation.setEmulatedMedia", { features: [] });
  }
}

async function overlayChecks() {
  await check("a wrong key is told, and nothing of the run", async () => {
    await stand.send(token, FIRST);
    await page.open(overlay().replace(key, "0000000000000000"));
    await shows("the word", "#notice", "view key is not right");
    expect(await text(".panel-run .count") === "0" && !(await text("main")).includes("Heaven"), "the run is shown");
  });
  await check("an overlay that opens shows the last run at once", async () => {
    await open("&panel=all");
    await shows("the weapon", "[data-id=weapon]", "Aspect of Artemis");
    await shows("the slot", "[data-id=weaponBoon]", "Heaven Strike");
    expect(await text("[data-id=familiar] .label") === "Lv. 8", await text("[data-id=familiar]"));
    expect(await text("[data-id=castBoon] .name") === "Empty", "an empty slot");
    expect((await text(".elements")).replace(/\s+/g, " ").includes("3"), await text(".elements"));
    const counts = await page.evaluate("[...document.querySelectorAll('.panel:not([hidden])')].map((one) => one.dataset.panel + ' ' + one.dataset.count).join()");
    expect(counts === "run 10,arcana 4,vows 17", counts);
    expect(await count(".cards li:not(.empty)") === 2 && await count(".vow-list li:not(.empty)") === 3 && await count(".vow-list .full") === 7, "cards and vows");
    return counts;
  });
  await check("the page is see-through", async () => {
    expect(await page.evaluate("[document.documentElement, document.body].every((one) => getComputedStyle(one).backgroundColor === 'rgba(0, 0, 0, 0)') && getComputedStyle(document.documentElement).colorScheme === 'normal'"), "a background");
  });
  await check("a new state comes by itself, lights up what is new and leaves the rest alone", async () => {
    await page.evaluate("globalThis.kept = document.querySelector('[data-id=specialBoon]'); kept.querySelector('button').focus()");
    const before = Date.now();
    await stand.send(token, SECOND);
    await page.until("the change", "document.querySelector('[data-id=weaponBoon].changed .rarity-heroic')");
    const took = Date.now() - before;
    expect(await page.evaluate("document.querySelectorAll('.others .arrived').length === 1 && document.querySelector('.others .arrived').innerText.includes('Double Reward')"), "what arrived");
    expect(await page.evaluate("document.querySelector('[data-id=specialBoon]') === kept && kept.contains(document.activeElement) && !kept.className"), "what stays");
    expect(await page.evaluate("getComputedStyle(document.querySelector('[data-id=weaponBoon]')).animationName === 'light'"), "the animation");
    await page.until("the pins", "!document.querySelector('.panel-pins').hidden && document.querySelectorAll('.pin-list > li').length === 3");
    await page.until("the end of the light", "document.querySelectorAll('.arrived, .changed').length === 0");
    return `${took} ms`;
  });
  await check("mouse and keyboard bring up the card, and Escape takes it away", async () => {
    await page.hover("[data-id=weaponBoon] button");
    await page.until("the card", "!document.querySelector('#card').hidden");
    const card = await text("#card");
    for (const part of ["Heaven Strike", "Heroic", "Zeus", "Attack", "Strength: highest"]) expect(card.includes(part), `${part} in ${card}`);
    expect(await count("#card p b") > 0 && !card.includes("<b>"), "bold text");
    await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", x: 5, y: 700 });
    await page.evaluate("document.activeElement.blur(); document.querySelector('[data-id=weapon] button').focus()");
    await shows("the card", "#card", "Rank IV");
    await page.press("Tab");
    await shows("the next card", "#card", "Lv. 8");
    expect(await page.evaluate("document.activeElement.getAttribute('aria-describedby') === 'card'"), "described by");
    await page.press("Escape");
    await page.until("nothing", "document.querySelector('#card').hidden");
  });
  await picture("overlay", 1920, 1080);
  await check("whoever wants less motion gets none", async () => {
    await page.call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
    await stand.send(token, FIRST);
    await page.until("the change", "document.querySelector('[data-id=weaponBoon] .rarity-rare')");
    expect(await page.evaluate("[...document.querySelectorAll('.changed')].every((one) => getComputedStyle(one).animationName === 'none')"), "it moves");
    await page.call("Emulation.setEmulatedMedia", { features: [] });
    await stand.send(token, SECOND);
  });
  await check("texts of a mapping are texts, and a new mapping redraws what is open", async () => {
    const mapping = stand.shipped();
    Object.assign(mapping.boons.ZeusWeaponBoon, { name: "<img src=x onerror=globalThis.bad=1>", description: "<script>globalThis.bad=1</script><b>bold</b><i>not</i>" });
    mapping.boons.GoodStuffBoon.requirements = [{ type: "Zeus", items: ["ZeusWeaponBoon", "ZeusCastBoon"] }, { type: "Other", items: ["AphroditeSpecialBoon"] }];
    stand.putMapping(mapping);
    await page.until("the new name", "document.querySelector('[data-id=weaponBoon] .name')?.textContent.startsWith('<img')");
    await page.hover("[data-id=weaponBoon] button");
    await shows("the card", "#card", "<script>");
    expect(await page.evaluate("globalThis.bad === undefined && document.querySelectorAll('#card img, #card script, #card i, main img').length === 0 && document.querySelector('#card p b').textContent === 'bold'"), "it became HTML");
    const rows = await page.evaluate("[...document.querySelectorAll('.rows > li')].map((row) => row.querySelector('.row-name').textContent + ' ' + [...row.querySelectorAll('.needs > li')].map((one) => one.className || 'there').join('+')).join()");
    expect(rows === "1. Zeus there+missing,2. Other there", rows);
    stand.putMapping(stand.shipped());
    await shows("the old name", "[data-id=weaponBoon]", "Heaven Strike");
  });
}

async function layoutChecks() {
  await check("a panel of 320 pixels holds tabs and everything in them", async () => {
    await page.size(320, 620);
    await open("&panel=all&position=fill&show=tabs");
    await shows("the run", "[data-id=weaponBoon]", "Heaven Strike");
    for (const width of [240, 320, 480]) {
      await page.size(width, 620);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('[role=tab]')].every((tab) => tab.getBoundingClientRect().right <= innerWidth)"), `at ${width}`);
    }
    await page.size(320, 620);
    await page.click("#tab-arcana");
    expect(await page.evaluate("[...document.querySelectorAll('.panel')].filter((one) => !one.hidden).map((one) => one.dataset.panel).join()") === "arcana", "one panel");
    await page.press("ArrowRight");
    expect(await page.evaluate("document.activeElement.id === 'tab-vows' && document.activeElement.ariaSelected === 'true'"), "the next tab");
    await page.press("ArrowLeft");
    await page.press("ArrowLeft");
    expect(await page.evaluate("document.activeElement.id") === "tab-run", "and back");
    const small = await page.evaluate("Math.min(...[...document.querySelectorAll('.panel-run .name')].map((one) => parseFloat(getComputedStyle(one).fontSize)))");
    expect(small >= 12, `letters of ${small} px`);
    await page.press("Tab");
    await page.press("Tab", SHIFT);
  });
  await picture("panel-run", 320, 620);
  for (const name of ["arcana", "vows", "pins"]) {
    await open(`&panel=${name}&position=fill`);
    await page.until("the panel", `document.querySelector('.panel-${name}')?.dataset.count > 0`);
    await picture(`panel-${name}`, 320, 620);
  }
  await page.size(1280, 900);
  await check("the tab of the pins is away while nothing is pinned", async () => {
    await open("&panel=all&show=tabs");
    await page.until("the pins", "document.querySelector('#tab-pins')?.hidden === false");
    await stand.send(token, FIRST);
    await page.until("no pins", "document.querySelector('#tab-pins').hidden");
    await stand.send(token, SECOND);
  });
  await check("what is empty can be left out", async () => {
    await open("&panel=run,arcana,vows&hide-empty=1");
    await shows("the run", "[data-id=weaponBoon]", "Heaven Strike");
    expect(await count("[data-id=castBoon]") === 0 && await count(".cards li") === 2 && await count(".vow-list li") === 3, "something empty");
  });
  await check("panels take turns where nobody can click", async () => {
    await open("&panel=run,vows&show=rotate&every=3");
    const shown = "[...document.querySelectorAll('.panel')].filter((one) => !one.hidden).map((one) => one.dataset.panel).join()";
    await page.until("the run", `${shown} === "run"`);
    await page.until("the vows", `${shown} === "vows"`);
    await page.until("the run again", `${shown} === "run"`);
  });
  await check("each corner, with colors and scale from the address", async () => {
    await page.size(1920, 1080);
    for (const [position, test] of [["left-top", "x < 20 && y < 20"], ["right-top", "innerWidth - right < 20 && y < 20"], ["left-bottom", "x < 20 && innerHeight - bottom < 20"], ["right-bottom", "innerWidth - right < 20 && innerHeight - bottom < 20"]]) {
      await open(`&position=${position}&scale=1.2&accent=ff0000&background=00ff00&width=400`);
      await page.until(`${position}`, `(() => { const { x, y, right, bottom, width } = document.querySelector(".panel").getBoundingClientRect(); return ${test} && Math.round(width) === 480 })()`);
    }
    expect(await page.evaluate("getComputedStyle(document.querySelector('.panel h2')).color === 'rgb(255, 0, 0)' && getComputedStyle(document.body).backgroundColor === 'rgb(0, 255, 0)'"), "colors");
  });
  await check("a misspelt option is told on the page", async () => {
    await open("&postion=fill");
    await shows("the nearest name", "#notice", "“position” is");
  });
  await check("a delayed overlay does not show what is newer", async () => {
    await open("&delay=2");
    await shows("the run", "[data-id=weaponBoon]", "Heaven Strike");
    const before = Date.now();
    await stand.send(token, { ...SECOND, weaponData: "Common;;BaseSuitAspect" });
    await page.until("the other weapon", "document.querySelector('[data-id=weapon]').innerText.includes('Aspect of Melinoë')");
    const took = Date.now() - before;
    expect(took >= 1900, `after ${took} ms`);
    return `${took} ms`;
  });
}

async function recoveryChecks() {
  await check("an overlay comes back by itself when the server was away, and its key still holds", async () => {
    await open();
    await shows("the run", "[data-id=weapon]", "Melinoë");
    await stand.stop();
    await page.until("the loss", "document.documentElement.dataset.phase === 'lost'");
    expect((await text("[data-id=weapon]")).includes("Melinoë"), "the last state stays");
    await stand.start();
    await page.until("the connection", "document.documentElement.dataset.phase === 'online'", 40_000);
    await stand.send(token, FIRST);
    await shows("the new run", "[data-id=weapon]", "Aspect of Artemis");
  });
}

async function otherPages() {
  await check("the dashboard shows a panel for each streamer, with a link to the channel", async () => {
    const other = await stand.login("4712");
    await stand.send(other, { boonData: "Epic;;HestiaCastBoon", weaponData: "Perfect;;AxeRallyAspect" });
    await page.open(`${stand.url}/argus/dashboard`);
    await page.until("two streamers", "document.querySelectorAll('.streamer').length === 2 && document.querySelector('#status').dataset.phase === 'online'");
    await page.until("names", "[...document.querySelectorAll('.streamer h2 a')].map((one) => one.href).sort().join() === 'https://www.twitch.tv/streamer_4711,https://www.twitch.tv/streamer_4712'", 20_000);
    await page.evaluate("globalThis.first = document.querySelector('.streamer')");
    await stand.send(other, { boonData: "Epic;;HestiaCastBoon Rare;;DoubleRewardBoon", weaponData: "Perfect;;AxeRallyAspect" });
    await page.until("the next look", "[...document.querySelectorAll('.chips')].some((one) => one.innerText.includes('3 items'))");
    expect(await page.evaluate("first.isConnected"), "drawn anew");
    for (const width of [360, 800, 1600]) {
      await page.size(width, 900);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `at ${width}`);
    }
    await page.size(1280, 900);
  });
  for (const width of [360, 1600]) await picture("dashboard", width, 1000);
  await check("where the server wants a token, the dashboard asks for it and keeps it in this tab", async () => {
    await page.evaluate(`globalThis.real = fetch; globalThis.fetch = (path, options) => options?.headers?.authorization === "Bearer right" ? real(path, options) : Promise.resolve(new Response("{}", { status: 401 }))`);
    await page.until("the question", "!document.querySelector('#gate').hidden && document.querySelector('#streamers').hidden");
    for (const [value, after] of [["wrong", "document.querySelector('#gate-problem').textContent.includes('not right')"], ["right", "document.querySelector('#status').dataset.phase === 'online'"]]) {
      await page.evaluate(`document.querySelector('#gate-token').value = ${quote(value)}`);
      await page.click("#gate button");
      await page.until(`the answer to ${value}`, after);
    }
    expect(await page.evaluate("sessionStorage.getItem('argus.dashboard') === 'right'"), "kept");
  });
  const asTwitch = async (jwt) => {
    const { identifier } = await page.call("Page.addScriptToEvaluateOnNewDocument", { source: `globalThis.Twitch = { ext: { onAuthorized: (heard) => setTimeout(() => heard({ token: ${quote(jwt)}, channelId: "1" }), 30) } }` });
    await page.open(`${stand.url}/argus/static/twitch/config.html`);
    return () => page.call("Page.removeScriptToEvaluateOnNewDocument", { identifier });
  };
  await check("the extension's configuration page: all good, connect first, something went wrong", async () => {
    for (const [jwt, state, words] of [[stand.jwt(CHANNEL), "good", "All good"], [stand.jwt("999"), "connect", "Connect from the game first"], ["nonsense", "connect", "Connect from the game first"]]) {
      const undo = await asTwitch(jwt);
      await page.until(words, `document.querySelector('#state')?.dataset.state === ${quote(state)} && document.querySelector('#words').textContent.includes(${quote(words)})`);
      if (state === "good") await picture("twitch-config", 500, 300);
      await undo();
    }
    await page.evaluate("globalThis.fetch = () => Promise.reject(new TypeError('gone'))");
    await page.click("#again");
    await shows("the failure", "#words", "Something went wrong");
    await page.open(`${stand.url}/argus/static/twitch/config.html`);
    await shows("outside Twitch", "#next", "part of a Twitch extension");
  });
  await check("the pages after a login, with their icon", async () => {
    for (const [name, words] of [["auth_success", "You are connected"], ["auth_fail", "This did not work"]]) {
      await page.open(`${stand.url}/${name}.html`);
      await shows(words, "h1", words);
      await page.until("the icon", "document.querySelector('main img')?.naturalWidth > 0");
      expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display === 'grid'"), "the stylesheet");
      await picture(name, 800, 600);
    }
    const icon = await fetch(`${stand.url}/argus_icon.png`);
    expect(icon.ok && icon.headers.get("content-type") === "image/png", "the icon");
  });
  await check("the page of unknown traits has its look", async () => {
    await page.open(`${stand.url}/argus/unknown`);
    await page.until("the page", "document.querySelector('h1') && document.querySelector('main')");
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display === 'grid'"), "the stylesheet");
    await picture("unknown", 800, 600);
  });
}

stand = new Stand(binary, fileURLToPath(new URL("../..", import.meta.url)));
try {
  await stand.start();
  browser = await Browser.launch();
  page = await browser.page();
  // A page behind another one counts as hidden.
  await page.call("Page.bringToFront");
  await page.size(1280, 900);
  token = await stand.login(CHANNEL);
  expect(/^[\da-f]{16}$/.test(token), `a token: ${token}`);
  await configuratorChecks();
  await overlayChecks();
  await layoutChecks();
  await recoveryChecks();
  await otherPages();
  await check("the browser complains about nothing", async () => {
    // A refused token is a 401, and a server that is away refuses connections: both are meant.
    const problems = page.problems.filter((problem) => !/401|ERR_CONNECTION_REFUSED|WebSocket connection to/.test(problem));
    expect(problems.length === 0, problems.join(" | "));
  });
} catch (error) {
  fail(`the test itself: ${error.stack}`);
} finally {
  await browser?.close();
  if (failed()) console.log(stand.log());
  await stand.end();
}
console.log(failed() ? `${failed()} checks failed` : "all checks hold");
process.exit(failed() ? 1 : 0);
