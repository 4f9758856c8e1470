// Looks at the gateway's page in headless Chromium while services come, talk, queue and go.
//
//   node gateway.mjs URL --admin TOKEN [--screenshots DIR WIDTH,WIDTH,…]
//
// URL is that of the page, TOKEN the server's GATEWAY_ADMIN_TOKEN. Prints one line per check; exit status 0 when all hold.
import { check, expect, expectNoSidewaysScrolling, option, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url] = process.argv.slice(2);
const adminToken = option("--admin");
if (!url || !adminToken) {
  console.error("usage: node gateway.mjs URL --admin TOKEN [--screenshots DIR WIDTHS]");
  process.exit(2);
}

let page;
let services;

async function picture(name) {
  if (!pictures.wanted) return;
  await pictures.take(page, `gateway-${name}`, { height: (width) => width < 500 ? 1900 : width < 1000 ? 1500 : 1000, calm: 1300 });
  await page.size(1280, 900);
}

const text = (selector) => page.text(selector);
const shows = (what, selector, part) => page.shows(what, selector, part);

/** Services are sockets of another page of the same origin. */
const connect = (name) => services.evaluate(`new Promise((done, fail) => {
  globalThis.sockets ??= {};
  globalThis.heard ??= [];
  const socket = new WebSocket(new URL("/gateway", location.href.replace(/^http/, "ws")));
  sockets[${JSON.stringify(name)}] = socket;
  socket.onopen = () => socket.send(JSON.stringify({ s: ${JSON.stringify(name)}, t: "gateway:opcode", d: { opcode: 0 } }));
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    heard.push([${JSON.stringify(name)}, message]);
    if (message.d.opcode === 1) done(true);
    if (message.d.opcode === 2) fail(new Error(event.data));
  };
})`);
const send = (name, t, d, more = {}) => services.evaluate(`sockets[${JSON.stringify(name)}].send(${JSON.stringify(JSON.stringify({ s: name, t, d, ...more }))})`);
const op = (name, opcode, d = {}) => send(name, "gateway:opcode", { opcode, ...d });

async function emptyChecks() {
  await check("the address without a path leads to the page", async () => {
    const answer = await fetch(new URL("/", url), { redirect: "manual" });
    expect(answer.status === 302 && answer.headers.get("location") === "/gateway/", `${answer.status}`);
  });
  await check("an idle gateway explains how to begin", async () => {
    await page.open(url);
    await page.until("the figures", "document.querySelector('#status').dataset.phase === 'online' && !document.querySelector('#figures').hidden");
    for (const [part, words] of [["#clients", "Nobody is connected"], ["#pools", "No shard is taken"], ["#queues", "No queue is in use"]]) await shows(part, part, words);
    await picture("empty");
  });
}

async function liveChecks() {
  await check("clients, shards, queues and rates appear by themselves", async () => {
    await services.open(url);
    for (const name of ["discord-1", "discord-2", "discord-3", "web", "mail-1"]) await connect(name);
    for (const id of [1, 2, 3]) await op(`discord-${id}`, 10, { bot: "main", shard_count: 16 });
    await op("web", 10, { bot: "helper", shard_count: 4 });
    for (let n = 0; n < 12; n += 1) await send("web", "gateway-proxy:web:mail@+:send", { n }, { id: `m-${n}` });
    await op("mail-1", 22, { queue: "mail", prefetch: 3 });
    await services.evaluate(`void setInterval(() => {
      const say = (from, to) => sockets[from].readyState === 1 && sockets[from].send(JSON.stringify({ s: from, t: "gateway-proxy:" + from + ":" + to + ":hello", d: {} }));
      for (let i = 0; i < 6 + 5 * Math.sin(Date.now() / 2000); i += 1) say("web", "discord");
      say("discord-1", "web");
      if (Math.random() < 0.4) say("discord-2", "mail");
    }, 100)`);
    await shows("a client", "#clients", "discord-2");
    await shows("a pool", "#pools", "3 of 16 taken");
    await shows("a queue", "#queues", "mail");
    await shows("a rate", "#topics-legend", "discord");
    await shows("an op", "#ops-legend", "/s");
    expect(await page.evaluate("document.querySelectorAll('.shards .used').length") === 4, "four taken shards");
    return (await text("#topics-legend")).replaceAll("\n", " ");
  });
  await check("a message that was done leaves its queue", async () => {
    await services.evaluate(`for (const [name, { d }] of heard.slice()) if (d.opcode === 25) sockets[name].send(JSON.stringify({ s: name, t: "gateway:opcode", d: { opcode: 26, message: d.message } }))`);
    await page.until("nine messages", "[...document.querySelectorAll('#queues tbody td')].slice(0, 2).map((cell) => cell.innerText).join() === '6,3'");
  });
  await check("the charts draw something", async () => {
    await page.until("three samples", `(() => {
      const canvas = document.querySelector("#topics");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const colors = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colors.add(data[i] + "," + data[i + 1] + "," + data[i + 2]);
      return colors.size > 2;
    })()`);
  });
  await check("nothing is asked for while the tab is hidden, and it goes on afterwards", async () => {
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))");
    await page.until("the pause", "document.querySelector('#status').dataset.phase === 'paused'");
    const count = () => page.evaluate("performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/stats')).length");
    const before = await count();
    await page.evaluate("new Promise((done) => setTimeout(done, 2500))");
    expect(await count() <= before + 1, "it went on asking");
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    await page.until("live again", "document.querySelector('#status').dataset.phase === 'online'");
  });
}

async function actionChecks() {
  await check("without the administrator's token there is nothing to press", async () => {
    expect(await page.evaluate("document.querySelectorAll('#clients button').length") === 0, "buttons");
  });
  const enter = async (value) => {
    await page.click("#admin");
    await page.until("the dialog", "document.querySelector('#ask').open");
    await page.evaluate(`document.querySelector('#ask-token').value = ${JSON.stringify(value)}`);
    await page.click("#ask-yes");
    await page.until("the buttons", "document.querySelector('#clients button')");
  };
  const press = async (words, decision = "#ask-yes") => {
    await page.evaluate(`[...document.querySelectorAll('#clients button')].find((b) => (b.getAttribute('aria-label') ?? b.textContent) === ${JSON.stringify(words)}).click()`);
    await page.until("the question", "document.querySelector('#ask').open");
    await page.click(decision);
  };
  await check("a wrong token is refused and forgotten", async () => {
    await enter("wrong");
    await press("Reboot web");
    await shows("the refusal", "#toast", "wrong");
    await page.until("no buttons", "!document.querySelector('#clients button')");
  });
  await check("a service is told to reboot after a question", async () => {
    await enter(adminToken);
    await press("Reboot discord-2", "#ask button[value=cancel]");
    await picture("admin");
    // Asked, cancelled and asked again before the browser has told of the first dialog's end.
    await page.evaluate(`(() => {
      const button = [...document.querySelectorAll('#clients button')].find((b) => b.getAttribute('aria-label') === 'Reboot discord-2');
      button.click();
      document.querySelector('#ask button[value=cancel]').click();
      button.click();
    })()`);
    await page.until("the question", "document.querySelector('#ask').open");
    await page.evaluate("document.querySelector('#ask-reason').value = 'new version'");
    await picture("question");
    await page.click("#ask-yes");
    await shows("the count", "#toast", "1 service was told to reboot");
    const heard = await services.evaluate("heard.filter(([, { d }]) => d.opcode === 4).map(([name, { d }]) => name + ' ' + d.reason).join()");
    expect(heard === "discord-2 new version", heard);
  });
  await check("a service type is told to shut down", async () => {
    await press("Shut down all discord");
    await shows("the count", "#toast", "3 services were told to shut down");
    expect(await services.evaluate("heard.filter(([, { d }]) => d.opcode === 3).length") === 3, "three");
  });
  await check("the token is kept in this tab's session only, and can be forgotten", async () => {
    expect(await page.evaluate("sessionStorage.getItem('gateway.admin') !== null && localStorage.length === 0 && document.cookie === ''"), "where it is kept");
    await page.click("#admin");
    await page.until("no buttons", "!document.querySelector('#clients button')");
    expect(await page.evaluate("sessionStorage.getItem('gateway.admin') === null"), "forgotten");
  });
}

async function otherChecks() {
  await check("no sideways scrolling from 360 pixels on, and every button has a name", async () => {
    await expectNoSidewaysScrolling(page);
    await page.size(1280, 900);
    expect(await page.evaluate("[...document.querySelectorAll('button')].filter((b) => b.offsetParent).every((b) => b.textContent.trim() || b.getAttribute('aria-label'))"), "names");
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
    expect(await page.evaluate("sessionStorage.getItem('gateway.token') === 'right'"), "kept");
  });
  await check("a lost connection is shown, the figures stay, and it comes back", async () => {
    await page.evaluate("globalThis.kept = fetch; globalThis.fetch = () => Promise.reject(new TypeError('gone'))");
    await page.until("the loss", "document.querySelector('#status').dataset.phase === 'lost' && 'stale' in document.querySelector('#figures').dataset");
    await picture("lost");
    await page.evaluate("globalThis.fetch = kept");
    await page.until("live again", "document.querySelector('#status').dataset.phase === 'online' && !('stale' in document.querySelector('#figures').dataset)");
  });
  await check("the browser complains about nothing", async () => {
    const problems = page.problems.filter((problem) => !problem.includes("401"));
    expect(problems.length === 0, problems.join(" | "));
  });
}

await run(async (browser) => {
  services = await browser.page();
  page = await browser.page();
  // A page behind another one counts as hidden.
  await page.call("Page.bringToFront");
  await page.colors("dark");
  await page.size(1280, 900);
  await emptyChecks();
  await liveChecks();
  if (pictures.wanted) {
    await page.evaluate("new Promise((done) => setTimeout(done, 12000))");
    await picture("live");
    await page.colors("light");
    await picture("light");
    await page.colors("dark");
  }
  await actionChecks();
  await otherChecks();
});
