// Uses the log viewer in headless Chromium and checks that it keeps what it promises.
//
//   node logs.mjs URL --token TOKEN --script FILE [--lines 100000] [--screenshots DIR WIDTH,WIDTH,…]
//
// URL is the address of the listener with the logs, TOKEN the server's LOGS_TOKEN, FILE a script that it watches. Prints one line per check, and how long things took with many lines
// (for information); exit status 0 when all hold.
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTROL, SHIFT } from "./browser.mjs";
import { check, expect, expectNoSidewaysScrolling, option, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url] = process.argv.slice(2);
const token = option("--token");
const script = option("--script");
if (!url || !token || !script) {
  console.error("usage: node logs.mjs URL --token TOKEN --script FILE [--lines N] [--screenshots DIR WIDTHS]");
  process.exit(2);
}
const many = Number(option("--lines") ?? 100_000);
const work = mkdtempSync(join(tmpdir(), "nightjar-logs-"));

let page;

async function picture(name, schemes = ["dark"]) {
  if (!pictures.wanted) return;
  for (const scheme of schemes) {
    await page.colors(scheme);
    await pictures.take(page, `logs-${name}-${scheme}`, { height: (width) => width < 500 ? 740 : width < 1000 ? 1000 : 900, calm: 400 });
  }
  await page.colors();
  await page.size(1280, 860);
}

// A way to the server that can be cut.

const target = new URL(url);
const pairs = new Set();
const proxy = net.createServer((near) => {
  const far = net.connect(Number(target.port), target.hostname);
  const pair = { near, far };
  pairs.add(pair);
  for (const [from, to] of [[near, far], [far, near]]) {
    from.on("error", () => {});
    from.on("close", () => { to.destroy(); pairs.delete(pair); });
    from.on("data", (data) => {
      if (from === near && data.includes("GET /logs/listen")) pair.listens = true;
      if (!pair.ended) to.write(data);
      else if (from === near) near.end(); // the answer to our close frame
    });
  }
});
await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${proxy.address().port}`;
const listeners = () => [...pairs].filter(({ listens }) => listens);

// What the page shows …
const js = JSON.stringify;
const figure = async (id) => Number((await page.evaluate(`document.querySelector("#${id}").textContent`)).replaceAll(",", ""));
const settled = (what, displayed) => page.until(what, `document.querySelector("#busy").hidden && document.querySelector("#displayed").textContent === ${js(displayed.toLocaleString("en"))}`);
const ROWS = "[...document.querySelectorAll('.row')]";
const texts = () => page.evaluate(`${ROWS}.map((row) => row.querySelector(".text").textContent)`);
const line = (text) => page.until(`a line with ${text}`, `${ROWS}.some((row) => row.textContent.includes(${js(text)}))`);
// Its symbol, since a long line's middle is out of sight.
const rowOf = async (text) => `#${await page.until(`the row of ${text}`, `${ROWS}.find((row) => row.textContent.includes(${js(text)}))?.id`)} .symbol`;
const noticed = (text) => page.until(`the notice "${text}"`, `[...document.querySelectorAll(".notice")].some((one) => one.textContent.includes(${js(text)}))`);
const count = (selector) => page.evaluate(`document.querySelectorAll(${js(selector)}).length`);
const online = () => page.until("a connection", "document.querySelector('#connection').dataset.phase === 'online'");
const hits = (text) => page.until(`hits ${text}`, `document.querySelector("#hits").textContent === ${js(text)}`);
const fill = async (selector, text) => {
  await page.evaluate(`(() => { const e = document.querySelector(${js(selector)}); e.focus(); e.select() })()`);
  if (text === "") await page.press("Delete");
  else await page.type(text);
};

async function open(query) {
  await page.open("about:blank");
  await page.open(`${address}/logs.html${query}`);
  await online();
}

async function post(entries) {
  const reply = await fetch(new URL("/logs/add", url), { method: "POST", headers: { "content-type": "application/json" }, body: js(entries) });
  expect(reply.status === 200, `status ${reply.status}`);
}

const local = (ms) => {
  const date = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}:${String(date.getMilliseconds()).padStart(3, "0")}`;
};

const BASE = 1_763_000_000_000;
const USERS = ["ann", "bob", "cleo", "dan", "eve"];
const LEVELS = ["Trace", "Debug", "Info", "Warn", "Error"];
const WORDS = ["Great Jagras wakes up in area 7", "monster health 2120.5 of 4284", "party of 3, leader connected", "push of 14 parts sent", "Rathian enrages"];

/** Lines as the server would have sent them: line i is of user i mod 5, level i mod 5 turned, and says its number. */
function written(lines, change = (entry) => entry) {
  return Array.from({ length: lines }, (_, i) => {
    const level = LEVELS[(i + Math.floor(i / 5)) % 5];
    const timestamp = BASE + i * 7;
    const msg = `#${i}# ${WORDS[i % 5]}`;
    return change({ timestamp, level, msg, text: `${local(timestamp)} [${level}] ${msg}`, user: USERS[i % 5], room: "r1", serverTime: timestamp + 100, seqNumber: 1000 + i }, i);
  });
}

async function drop(name, text) {
  await page.evaluate(`(() => { const data = new DataTransfer(); data.items.add(new File([${js(text)}], ${js(name)}));
    document.querySelector("#list").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })) })()`);
}

async function choose(name, text) {
  const path = join(work, name);
  writeFileSync(path, text);
  const { root } = await page.call("DOM.getDocument");
  const { nodeId } = await page.call("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
  await page.call("DOM.setFileInputFiles", { nodeId, files: [path] });
}

async function liveChecks() {
  await check("without a room the page says so and shows the lines of all rooms", async () => {
    await open("");
    expect(await page.evaluate("!document.querySelector('#hint').hidden"), "the hint");
    await post({ timestamp: BASE, level: "Info", msg: "from one room", text: "x", user: "ann", room: "one" });
    await post([{ timestamp: BASE, level: "Info", msg: "from another", text: "x", user: "bob", room: "two" }, { level: "Info", text: "from nowhere" }]);
    for (const text of ["from one room", "from another", "from nowhere"]) await line(text);
    await picture("all-rooms");
  });
  await check("with room or roomId only that room's lines and those without room come", async () => {
    for (const name of ["room", "roomId"]) {
      await open(`?${name}=one`);
      expect(await page.evaluate("document.querySelector('#hint').hidden && document.querySelector('#room').textContent === 'one'"), "the room's name");
      await post({ timestamp: BASE, level: "Info", msg: `not ${name}`, user: "bob", room: "two" });
      await post([{ timestamp: BASE, level: "Info", msg: `without ${name}`, user: "ann", room: "" }, { timestamp: BASE, level: "Info", msg: `with ${name}`, user: "ann", room: "one" }]);
      await line(`with ${name}`);
      await line(`without ${name}`);
      expect(!(await texts()).some((text) => text.includes(`not ${name}`)), "the other room");
    }
  });
  await check("the viewer's own news are lines of the user app", async () => {
    expect((await texts()).some((text) => /^\d\d:\d\d:\d\d:\d{3} \[info\] Connected\.$/.test(text)), (await texts()).join("|"));
    await page.until("the actor app", "[...document.querySelectorAll('.actor bdi')].some((e) => e.textContent === 'app')");
  });
  await check("lines have time, level and message, 7 ms written as 007; without them the text", async () => {
    await post([{ timestamp: BASE + 7, level: "Warn", msg: "seven", text: "other", user: "ann", room: "one" }, { timestamp: BASE, text: "text alone", user: "ann", room: "one" }]);
    await line("text alone");
    expect((await texts()).includes(`${local(BASE + 7)} [Warn] seven`), (await texts()).join("|"));
    expect((await texts()).includes("text alone"), "the text");
    expect(local(BASE + 7).endsWith(":007"), "the test's own time");
  });
  await check("hostile lines are harmless", async () => {
    const before = await count("*");
    const text = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>";
    await post([{ timestamp: BASE, level: "<b>", msg: text, user: "<i>x</i>", room: "one" }]);
    await post([{ timestamp: BASE, level: "Error", msg: "abc\u202edcba\u0000\u0007\n\u001b[31mred", user: "\u202egnp.exe", room: "one" }, { timestamp: 1e300, level: {}, msg: ["x"], text: 5, user: null, room: "one", seqNumber: "x" }]);
    await post([{ timestamp: BASE, level: "Info", msg: `long ${"x".repeat(90_000)}`, user: "ann", room: "one" }]);
    await line("long xxx");
    await line(text);
    await line("⟨RLO⟩dcba⟨NUL⟩⟨BEL⟩↵⟨ESC⟩[31mred");
    expect(await page.evaluate("document.title") === "Live logs: one" && await count(".row script, .row img, .row i, .row b") === 0, "an element came out of a line");
    expect((await texts()).every((one) => one.length < 1100), "a long line is cut");
    await page.click(await rowOf("long xxx"));
    await page.until("the details", "document.querySelector('#full').textContent.length > 19000");
    expect(await count("*") < before + 200, "the page stays small");
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling");
    await picture("hostile");
    await page.click("#details-close");
  });
  await check("a lost connection comes back after some seconds, and says so", async () => {
    for (const pair of listeners()) pair.near.destroy();
    await line("Connection lost (1006). Attempt 1 of 5 in ");
    const begin = Date.now();
    expect(await page.evaluate("document.querySelector('#connection').dataset.phase") === "waiting", "the lamp");
    await online();
    const waited = Date.now() - begin;
    await post({ timestamp: BASE, level: "Info", msg: "after the loss", user: "ann", room: "one" });
    await line("after the loss");
    return `${(waited / 1000).toFixed(1)} s`;
  });
  await check("after a normal close the page asks to refresh and does not come back", async () => {
    for (const pair of listeners()) {
      pair.ended = true;
      pair.near.write(Buffer.from([0x88, 2, 0x03, 0xe8]));
    }
    await line("The server closed the connection. Refresh the page to listen again.");
    expect(await page.evaluate("document.querySelector('#connection').dataset.phase") === "ended", "the lamp");
  });
}

const SMALL = 60;

async function fileChecks() {
  await check("a dropped file is shown in its order, whatever order it is written in", async () => {
    await open("?room=one");
    const shuffled = written(SMALL).map((entry, i) => [(i * 37) % SMALL, entry]).sort(([a], [b]) => a - b).map(([, entry]) => entry);
    await drop("shuffled.json", js(shuffled));
    await noticed("60 lines from shuffled.json");
    await settled("the file", SMALL);
    const numbers = (await texts()).map((text) => Number(/#(\d+)#/.exec(text)?.[1] ?? -1)).filter((n) => n >= 0);
    expect(numbers.length > 20 && numbers.every((n, i) => i === 0 || n === numbers[i - 1] + 1), numbers.join(" "));
    expect(await page.evaluate("document.querySelector('#connection').dataset.phase") === "file", "the lamp");
    await picture("file", ["dark", "light"]);
  });
  await check("a broken file says where it is broken; what comes before it is shown", async () => {
    await choose("broken.json", `${js(written(3)).slice(0, -1)},oops]`);
    await noticed("broken.json: no log entry at character");
    await choose("cut.json", js(written(3)).slice(0, -5));
    await noticed("cut.json: the end is missing");
  });
  await check("the file chooser shows a file", async () => {
    await choose("small.json", js(written(SMALL)));
    await settled("the file", SMALL);
  });
}

async function levelAndActorChecks() {
  await check("the level selector counts, and shows a level and those above", async () => {
    const options = await page.evaluate("[...document.querySelectorAll('#level option')].map((o) => o.textContent)");
    expect(js(options) === js(["trace · 12", "debug · 12", "info · 12", "warn · 12", "error · 12"]), js(options));
    await page.evaluate("(() => { const s = document.querySelector('#level'); s.value = 3; s.dispatchEvent(new Event('change')) })()");
    await settled("warnings and errors", 24);
    expect(await figure("hidden") === 36, "36 hidden");
    expect((await texts()).every((text) => /\[(Warn|Error)\]/.test(text)), "levels");
    await page.evaluate("(() => { const s = document.querySelector('#level'); s.value = 0; s.dispatchEvent(new Event('change')) })()");
    await settled("all", SMALL);
  });
  await check("users have four looks in turn; a click switches one off and on, hovering dims the others", async () => {
    const looks = await page.evaluate("[...document.querySelectorAll('.actor')].map((e) => e.dataset.look + e.textContent)");
    expect(js(looks) === js(["0●ann12", "1▲bob12", "2■cleo12", "3◆dan12", "0●eve12"]), js(looks));
    await page.click(".actor:nth-child(2)");
    await settled("without bob", 48);
    expect(await page.evaluate("document.querySelector('.actor:nth-child(2)').getAttribute('aria-pressed') === 'false'"), "pressed");
    await page.click(".actor:nth-child(2)");
    await settled("with bob", SMALL);
    await page.hover(".actor:nth-child(3)");
    await page.until("the others dimmed", `${ROWS}.every((row) => row.classList.contains("dim") === (row.querySelector(".who").textContent !== "cleo"))`);
    await page.hover("h1");
    await page.until("nothing dimmed", "!document.querySelector('.row.dim')");
  });
}

async function filterChecks() {
  const input = (n) => `#filters li:nth-child(${n}) input[type=text]`;
  await check("Ctrl+B opens the panel; a filter hides what does not match and counts it", async () => {
    await page.press("b", CONTROL);
    await page.click("#add-filter");
    await page.type("Jagras|Rathian");
    await settled("the matching lines", 24);
    expect(await figure("filtered") === 36, "36 filtered");
    expect((await texts()).includes("Skipped: 3"), (await texts()).join("|"));
  });
  await check("a filter can be turned around, switched off, and all that are on must hold", async () => {
    await page.click("#filters li:nth-child(1) .negate");
    await settled("the others", 36);
    expect((await texts()).includes("Skipped: 2"), (await texts()).join("|"));
    await page.click("#add-filter");
    await page.type("\\[Error\\]");
    await page.until("both", `${ROWS}.length > 0 && ${ROWS}.every((row) => /Skipped|\\[Error\\] (?!.*(Jagras|Rathian))/.test(row.textContent))`);
    const both = await figure("displayed");
    await picture("filters", ["dark", "light"]);
    await page.click("#filters li:nth-child(1) input[type=checkbox]");
    await settled("errors", 12);
    expect(both > 0 && both < 12, `${both} of both`);
  });
  await check("an expression that is not valid is shown as such and filters nothing", async () => {
    await fill(input(2), "([");
    await page.until("the error", `document.querySelector(${js(input(2))}).getAttribute("aria-invalid") === "true" && /Not valid/.test(document.querySelector("#filters li:nth-child(2) .error").textContent)`);
    await settled("all", SMALL);
    await picture("invalid");
  });
  await check("filters are there again when the page is loaded again", async () => {
    await fill(input(2), "\\[Error\\]");
    await settled("errors", 12);
    await page.call("Page.reload");
    await online();
    const saved = await page.evaluate("[...document.querySelectorAll('#filters li')].map((e) => [e.querySelector('input[type=text]').value, e.querySelector('input[type=checkbox]').checked, e.querySelector('.negate').getAttribute('aria-pressed')])");
    expect(js(saved) === js([["Jagras|Rathian", false, "true"], ["\\[Error\\]", true, "false"]]), js(saved));
    await choose("small.json", js(written(SMALL)));
    await settled("errors", 12);
    await page.press("b", CONTROL);
    for (const n of [1, 2]) {
      await page.click("#filters .x");
      await page.until("the filter to go", `document.querySelectorAll("#filters li").length === ${2 - n}`);
    }
    await settled("all", SMALL);
    await page.press("b", CONTROL);
    expect(await page.evaluate("document.querySelector('#panel').hidden"), "Ctrl+B closes the panel");
  });
}

async function searchChecks() {
  await check("Ctrl+F searches from two characters on, in any letter case, and marks the hits", async () => {
    await page.press("f", CONTROL);
    await page.type("R");
    expect(await page.evaluate("document.querySelector('#hits').textContent === '' && !document.querySelector('mark')"), "one character");
    await page.type("ATHIAN");
    await hits("1 / 12");
    expect(await page.evaluate("[...document.querySelectorAll('mark')].every((m) => m.textContent === 'Rathian')") && await count(".row.current mark") === 1, "marks");
    await picture("search", ["dark", "light"]);
  });
  await check("Enter and F3 go on, with Shift back, around the ends; Esc closes", async () => {
    await page.press("Enter");
    await hits("2 / 12");
    await page.press("F3");
    await hits("3 / 12");
    for (const n of [2, 1, 12]) {
      await page.press(n === 1 ? "F3" : "Enter", SHIFT);
      await hits(`${n} / 12`);
    }
    await line("#59#");
    await page.press("Enter");
    await hits("1 / 12");
    await page.press("Escape");
    await page.until("no marks", "document.querySelector('#search').hidden && !document.querySelector('mark')");
  });
  await check("what an expression would mean is looked for as it is written", async () => {
    await page.press("f", CONTROL);
    await fill("#query", "2120.5");
    await hits("1 / 12");
    await fill("#query", "2120x5");
    await hits("0 / 0");
    await page.press("Escape");
  });
}

async function selectionChecks() {
  const selected = () => page.evaluate(`${ROWS}.filter((row) => row.getAttribute("aria-selected") === "true").map((row) => Number(/#(\\d+)#/.exec(row.textContent)[1]))`);
  const selects = async (what, numbers) => {
    await page.until(what, `document.querySelector("#selected").textContent === "${numbers.length}"`);
    expect(js(await selected()) === js(numbers), `${what}: ${js(await selected())}`);
  };
  await check("click selects one line, Ctrl one more, Shift a range", async () => {
    await page.evaluate("document.querySelector('#list').scrollTop = 0");
    await page.click(await rowOf("#2#"));
    await selects("one", [2]);
    await page.click(await rowOf("#5#"), { modifiers: CONTROL });
    await selects("two", [2, 5]);
    await page.click(await rowOf("#8#"), { modifiers: SHIFT });
    await selects("range", [5, 6, 7, 8]);
    await page.click(await rowOf("#6#"), { modifiers: CONTROL });
    await selects("without one", [5, 7, 8]);
    await picture("selection");
  });
  await check("arrows move, with Shift they select, Escape selects nothing", async () => {
    await page.click(await rowOf("#3#"));
    await page.press("ArrowDown");
    await selects("next", [4]);
    await page.press("ArrowDown", SHIFT);
    await page.press("ArrowDown", SHIFT);
    await selects("range", [4, 5, 6]);
    await page.press("End");
    await page.until("the last", "document.querySelector('#full').textContent.includes('#59#')");
    await page.press("Home");
    await selects("the first", [0]);
    await page.press("Escape");
    await selects("none", []);
  });
  await check("the menu bookmarks by mouse and by keyboard", async () => {
    await page.click(await rowOf("#2#"), { button: "right" });
    await page.until("the menu", "!document.querySelector('#menu').hidden && document.activeElement.dataset.action === 'bookmark'");
    await picture("menu");
    await page.click("#menu [data-action=bookmark]");
    await page.until("one bookmark", "document.querySelectorAll('#bookmarks li').length === 1 && document.querySelector('.row.bookmarked').textContent.includes('#2#')");
    await page.press("ArrowDown");
    await page.press("ArrowDown", SHIFT);
    await page.press("F10", SHIFT);
    await page.until("the menu", "!document.querySelector('#menu').hidden");
    await page.press("Enter");
    await page.until("three bookmarks", "document.querySelectorAll('#bookmarks li').length === 3");
    expect(await page.evaluate("document.querySelector('#menu').hidden && document.activeElement.id === 'list'"), "the focus is back");
  });
  await check("the menu removes a bookmark and deletes lines", async () => {
    await page.click(await rowOf("#4#"), { button: "right" });
    await page.until("the menu", "document.activeElement.dataset.action === 'unmark'");
    await page.press("Enter");
    await page.until("the bookmarks of lines 3 and 4 to go", "document.querySelectorAll('#bookmarks li').length === 1");
    await page.click(await rowOf("#9#"));
    await page.click(await rowOf("#11#"), { modifiers: SHIFT });
    await page.press("F10", SHIFT);
    await page.press("ArrowUp");
    await page.press("Enter");
    await settled("three lines less", SMALL - 3);
    await page.until("no line 9", `!${ROWS}.some((row) => row.textContent.includes("#9#"))`);
    expect(await figure("selected") === 0, "nothing selected");
  });
  await check("a bookmark's click goes to the line and flashes it; bookmarks outlive the page; Ctrl+click removes", async () => {
    const left = await count("#bookmarks li");
    await page.call("Page.reload");
    await online();
    expect(await count("#bookmarks li") === left && left > 0, "bookmarks after reload");
    await choose("small.json", js(written(SMALL)));
    await settled("the file", SMALL);
    await page.press("b", CONTROL);
    await page.evaluate("document.querySelector('#list').scrollTop = 1e6");
    await page.click("#bookmarks li:nth-child(1) button");
    await page.until("the flash", "document.querySelector('.row.flash')?.textContent.includes('#2#')");
    await picture("bookmarks", ["dark", "light"]);
    for (let n = left; n > 0; n -= 1) {
      await page.click("#bookmarks li:nth-child(1) button", { modifiers: CONTROL });
      await page.until("one less", `document.querySelectorAll('#bookmarks li').length === ${n - 1}`);
    }
    await page.press("b", CONTROL);
  });
}

async function keepingChecks() {
  await check("Save keeps the lines for the next visit, Clear empties the list, saving nothing forgets them", async () => {
    await page.click("#save");
    await noticed(`Saved ${SMALL} lines`);
    await page.call("Page.reload");
    await online();
    await line("#59#");
    await page.click("#clear");
    await page.until("an empty list", "document.querySelector('#empty').textContent === 'No lines yet.' || document.querySelectorAll('.row[data-level]').length < 5");
    expect(!(await texts()).some((text) => text.includes("#59#")), "the lines are gone");
    await choose("none.json", "[]");
    await page.click("#clear");
    await page.click("#save");
    await noticed("Nothing to save");
    await page.call("Page.reload");
    await online();
    expect(!(await texts()).some((text) => text.includes("#59#")), "forgotten");
  });
  await check("Download writes logs-<ms>.json with the entries as they came", async () => {
    const entries = written(SMALL, (entry, i) => i === 3 ? { ...entry, extra: { a: [1, "ü\u0000"] } } : entry);
    await choose("small.json", js(entries));
    await settled("the file", SMALL);
    await page.browser.call("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: work });
    await page.click("#download");
    let name;
    await page.until("the file", () => { name = readdirSync(work).find((one) => /^logs-\d{13}\.json$/.test(one)); return name; });
    let text = "";
    await page.until("its end", () => { text = readFileSync(join(work, name), "utf8"); return text.endsWith("]\n"); });
    expect(js(JSON.parse(text)) === js(entries), "the same entries");
    return name;
  });
  await check("auto-scroll ends when scrolled up and begins at the end", async () => {
    await open("?room=auto");
    const more = async (name) => {
      await post(Array.from({ length: 100 }, (_, i) => ({ timestamp: BASE, level: "Info", msg: `${name} ${i}.`, user: "ann", room: "auto" })));
    };
    const on = () => page.evaluate("document.querySelector('#auto').checked");
    await more("first");
    await line("first 99.");
    expect(await on(), "on");
    const { x, y } = await page.middle("#list");
    await page.call("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: -600 });
    await page.until("it to be off", "!document.querySelector('#auto').checked");
    const top = await page.evaluate("document.querySelector('#list').scrollTop");
    await more("second");
    await page.until("the new lines", `document.querySelector("#list").scrollHeight > ${top} + 2500`);
    await page.until("a pause", "new Promise((done) => setTimeout(() => done(true), 300))");
    expect(!(await texts()).some((text) => text.includes("second 99.")), "the view stays");
    await page.call("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: 100_000 });
    await page.until("it to be on", "document.querySelector('#auto').checked");
    await more("third");
    await line("third 99.");
    await page.click("#auto");
    await more("fourth");
    await page.until("a pause", "new Promise((done) => setTimeout(() => done(true), 300))");
    expect(!(await texts()).some((text) => text.includes("fourth 99.")) && !await on(), "switched off");
    await page.click("#auto");
    await line("fourth 99.");
  });
}

/** Milliseconds until an expression in the page is true, looked at with every frame, begun by a statement. */
const timed = (begin, done) => page.evaluate(`new Promise((resolve) => { const start = performance.now(); ${begin};
  const look = () => { if (${done}) resolve(Math.round(performance.now() - start)); else requestAnimationFrame(look) }; requestAnimationFrame(look) })`);

async function manyChecks() {
  const figures = [];
  const blocked = [];
  const long = async (what) => {
    const tasks = await page.evaluate("new Promise((done) => setTimeout(() => done(window.long.splice(0)), 100))");
    if (tasks.length > 0) blocked.push(`${what} ${tasks.join("+")} ms`);
  };
  const measure = async (what, begin, done) => {
    figures.push(`${what} ${await timed(begin, done)} ms`);
    await long(what);
  };
  const idle = "document.querySelector('#busy').hidden";
  const shown = (n) => `${idle} && document.querySelector('#displayed').textContent === ${js(n.toLocaleString("en"))}`;
  const set = (selector, text) => `(() => { const e = document.querySelector(${js(selector)}); e.value = ${js(text)}; e.dispatchEvent(new Event("input", { bubbles: true })) })()`;
  await check(`${many.toLocaleString("en")} lines: load, scroll, level, filter, search`, async () => {
    await open("?room=many");
    await page.evaluate("window.long = []; new PerformanceObserver((list) => { for (const e of list.getEntries()) long.push(Math.round(e.duration)) }).observe({ type: 'longtask' }); 0");
    const path = join(work, "many.json");
    writeFileSync(path, js(written(many)));
    await page.evaluate("document.querySelector('#file').addEventListener('input', () => { window.begun = performance.now() }, { capture: true }); 0");
    const { root } = await page.call("DOM.getDocument");
    const { nodeId } = await page.call("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
    await page.call("DOM.setFileInputFiles", { nodeId, files: [path] });
    figures.push(`load ${await page.evaluate(`new Promise((resolve) => { const look = () => { if (${shown(many)}) resolve(Math.round(performance.now() - begun)); else requestAnimationFrame(look) }; look() })`)} ms`);
    await long("load");
    expect(await count(".row") < 120, `${await count(".row")} rows in the page`);
    await picture("many");
    await page.evaluate("window.long.length = 0");
    await measure("20 jumps of the scroll bar", "let n = 0; const list = document.querySelector('#list')", "(list.scrollTop = list.scrollHeight * (++n * 37 % 101) / 101, n > 20)");
    await measure("level", "(() => { const s = document.querySelector('#level'); s.value = 4; s.dispatchEvent(new Event('change')) })()", shown(many / 5));
    await measure("level back", "(() => { const s = document.querySelector('#level'); s.value = 0; s.dispatchEvent(new Event('change')) })()", shown(many));
    await page.press("b", CONTROL);
    await page.click("#add-filter");
    await measure("filter (with 150 ms for typing)", set("#filters input[type=text]", "Jagras|health"), shown(many / 5 * 2));
    await measure("filter negated", "document.querySelector('.negate').click()", shown(many / 5 * 3));
    await measure("filter removed", "document.querySelector('#filters .x').click()", shown(many));
    await page.press("b", CONTROL);
    await page.press("f", CONTROL);
    await measure("search (all hits)", set("#query", "rathian"), `/ ${(many / 5).toLocaleString("en")}$/.test(document.querySelector('#hits').textContent)`);
    await measure("search again", set("#query", "enrages"), `/ ${(many / 5).toLocaleString("en")}$/.test(document.querySelector('#hits').textContent)`);
    await measure("next hit", "document.querySelector('#search-next').click()", "document.querySelector('.row.current')");
    await page.press("Escape");
    await measure("select all", "document.querySelector('#list').dispatchEvent(new KeyboardEvent('keydown', { key: 'a', ctrlKey: true, bubbles: true }))", `document.querySelector('#selected').textContent === ${js(many.toLocaleString("en"))}`);
    await page.click("#save");
    await noticed("Saved the newest");
    await long("save");
    return `${figures.join(", ")}; tasks over 50 ms: ${blocked.join(", ") || "none"}`;
  });
  await check("more lines than are kept: the oldest go, and the status box says so", async () => {
    const path = join(work, "more.json");
    const lines = written(210_000);
    writeFileSync(path, js(lines));
    const { root } = await page.call("DOM.getDocument");
    const { nodeId } = await page.call("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
    await page.call("DOM.setFileInputFiles", { nodeId, files: [path] });
    await page.until("the dropped lines", "/^Oldest [\\d,]+ dropped: at most 200,000 lines are kept\\.$/.test(document.querySelector('#dropped').textContent)");
    await noticed("210,000 lines from more.json");
    await page.until("the end of the work", idle);
    expect(await figure("displayed") <= 200_000, "not more than the limit");
    await page.evaluate("document.querySelector('#list').scrollTop = 1e9");
    await line("#209999#");
    await page.click("#clear");
  });
}

async function tokenChecks() {
  const say = (text) => page.evaluate(`document.querySelector("#token").value = ${js(text)}; document.querySelector("#token-form").requestSubmit()`);
  await check("the server's own lines come to who gives its token; a wrong one is asked for again, this tab keeps the right one", async () => {
    await open("");
    await page.click("#token-button");
    expect(await page.evaluate("document.activeElement.id === 'token' && document.querySelector('#token-button').getAttribute('aria-expanded') === 'true'"), "opened");
    await picture("token");
    await say("wrong");
    await page.until("the refusal", `${ROWS}.some((row) => row.textContent.includes("does not accept this token"))`);
    await page.until("the question again", "!document.querySelector('#token-form').hidden && document.activeElement.id === 'token' && document.querySelector('#token').value === ''");
    await say(token);
    await online();
    expect(await page.evaluate("document.querySelector('#token-form').hidden"), "closed");
    appendFileSync(script, "-- saved again\n");
    await page.until("the server's line about the save", `${ROWS}.some((row) => row.textContent.includes("loaded"))`);
    const kept = await page.evaluate("[Object.values({ ...sessionStorage }).join(), Object.values({ ...localStorage }).join() + document.cookie + location.href]");
    expect(kept[0].includes(token) && !kept[1].includes(token), kept.join(" | "));
    await page.open("about:blank");
    await page.open(`${address}/logs.html`);
    await online();
    appendFileSync(script, "-- and again\n");
    await page.until("a line without asking again", `document.querySelector("#token-form").hidden && ${ROWS}.some((row) => row.textContent.includes("loaded"))`);
  });
}

async function otherChecks() {
  await check("rows that become fewer while the list is scrolled are drawn all the same", async () => {
    const drawn = await page.evaluate(`(async () => {
      const { ListView } = await import("/logs/static/list_view.js");
      const scroller = document.body.appendChild(document.createElement("div"));
      scroller.className = "list";
      scroller.style.height = "200px";
      const list = new ListView({ scroller, make: () => document.createElement("p"), fill: (element, row) => { element.textContent = row }, onauto() {} });
      list.rows = Array.from({ length: 1000 }, (_, i) => i);
      list.draw();
      list.rows.length = 3;
      scroller.dispatchEvent(new Event("scroll"));
      const texts = list.elements.map((element) => element.textContent).join(" ");
      scroller.remove();
      return texts;
    })()`);
    expect(drawn === "0 1 2", drawn);
  });
  await check("no sideways scrolling from 360 pixels on, and every control has a name", async () => {
    await expectNoSidewaysScrolling(page, "document.documentElement.scrollHeight <= innerHeight");
    await page.size(1280, 860);
    expect(await page.evaluate("[...document.querySelectorAll('button')].every((b) => b.textContent.trim() || b.getAttribute('aria-label'))"), "buttons");
    expect(await page.evaluate("[...document.querySelectorAll('input, select, progress')].every((i) => i.labels?.length || i.getAttribute('aria-label'))"), "fields");
  });
  await check("the page has only files of this server, allowed by a strict policy", async () => {
    const reply = await fetch(new URL("/logs.html", url));
    const policy = reply.headers.get("content-security-policy") ?? "";
    expect(policy.includes("default-src 'none'") && !policy.includes("unsafe"), policy);
    const others = await page.evaluate("performance.getEntriesByType('resource').map((e) => e.name).filter((name) => !name.startsWith(location.origin))");
    expect(others.length === 0, others.join(" "));
  });
  await check("the browser complains about nothing", async () => {
    // The cut connection is the test's own doing.
    const problems = page.problems.filter((text) => !/WebSocket|ERR_CONNECTION|net::/.test(text));
    expect(problems.length === 0, problems.join(" | "));
  });
}

await run(async (browser) => {
  page = await browser.page();
  await page.size(1280, 860);
  await liveChecks();
  await fileChecks();
  await levelAndActorChecks();
  await filterChecks();
  await searchChecks();
  await selectionChecks();
  await keepingChecks();
  await manyChecks();
  await tokenChecks();
  await otherChecks();
}, () => {
  rmSync(work, { recursive: true, force: true });
  proxy.close();
  for (const { near } of pairs) near.destroy();
});
