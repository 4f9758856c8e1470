// The JavaScript client (clients/js/nightjar.js) against a live server that goes away, hangs and comes back, in headless Chromium.
//
//   node client.mjs .build/debug/nightjar
//
// Starts a server of its own and ends it. Prints one line per check; exit status 0 when all hold.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, expect, run } from "./checks.mjs";

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node client.mjs NIGHTJAR");
  process.exit(2);
}

const START_MS_MAX = 60_000;
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The server, always on the same port and with the same data once it has run. */
class House {
  folder = mkdtempSync(join(tmpdir(), "nightjar-client-"));
  port = 0;

  async start() {
    const file = join(this.folder, "port");
    rmSync(file, { force: true });
    const log = openSync(join(this.folder, "log"), "a");
    this.process = spawn(binary, ["serve", "--port", String(this.port), "--data-dir", join(this.folder, "data"), "--port-file", file],
      { stdio: ["ignore", log, log], cwd: fileURLToPath(new URL("../..", import.meta.url)) });
    this.ended = new Promise((done) => this.process.once("exit", done));
    const end = Date.now() + START_MS_MAX;
    while (!existsSync(file) || readFileSync(file, "utf8").trim() === "") {
      if (this.process.exitCode !== null || Date.now() > end) throw new Error(`the server did not start:\n${readFileSync(join(this.folder, "log"), "utf8").slice(-3000)}`);
      await pause(50);
    }
    this.port = Number(readFileSync(file, "utf8"));
    this.url = `http://127.0.0.1:${this.port}`;
  }

  signal(name) { this.process.kill(name); }

  async stop(name = "SIGTERM") {
    this.process.kill(name);
    await this.ended;
  }

  clean() {
    this.process?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const house = new House();
let page;

/** Makes a session in the page, as `name`, that keeps a record of all it tells. */
const make = (name, options) => page.evaluate(`(async () => {
  const { Session, formatCredits } = await import("/static/client/nightjar.js");
  const log = { states: [], errors: [], phases: [], asked: 0 };
  const session = new Session({ url: location.origin.replace("http", "ws") + "/session/ws", site: "demo", auth: () => { log.asked += 1; return { uid: "ann" } }, ...(${options}) });
  session.on("state", ({ state, first }) => log.states.push({ id: state.gamestate?.id ?? null, name: state.gamestate?.name ?? null, game: state.curr_game ?? null, credits: state.wallet.credits, first }));
  session.on("error", ({ code, re }) => log.errors.push({ code, re }));
  session.on("phase", (phase) => log.phases.push(phase));
  Object.assign(window, { formatCredits, ${name}: session, ${name}Log: log });
})()`);
const log = (name) => page.evaluate(`${name}Log`);
const act = (expression) => page.evaluate(expression);
const inState = (name, state) => page.until(`${name} to be in the state ${state}`, `${name}.online && !${name}.busy && (${name}.state.gamestate?.name ?? null) === ${JSON.stringify(state)}`, 30_000);

async function playing() {
  await check("a game that is wanted before there is a connection is opened with it", async () => {
    await make("ann", "{}");
    expect(await act("ann.load('joker-bingo')") === false && await act("ann.game") === "joker-bingo" && await act("ann.phase") === "idle", "remembered, not sent");
    await act("ann.start()");
    await inState("ann", "idle");
    const { states, phases } = await log("ann");
    expect(JSON.stringify(states.map(({ game, first }) => [game, first])) === '[[null,true],["joker_bingo",true]]', JSON.stringify(states));
    expect(phases.map(({ phase }) => phase).join() === "connecting,online", JSON.stringify(phases));
    expect(await act("ann.game") === "joker_bingo", "by the name the server gives it");
  });
  await check("until an answer has come nothing else is sent", async () => {
    const sent = await act("[ann.act('bet', { amount: 4 }), ann.act('bet', { amount: 4 }), ann.finish(), ann.busy]");
    expect(JSON.stringify(sent) === "[true,false,false,true]", JSON.stringify(sent));
    await inState("ann", "game");
    const { states } = await log("ann");
    expect(states.at(-1).credits === 996 && !states.at(-1).first, JSON.stringify(states.at(-1)));
  });
  await check("of two sessions that act on the same state one is told that it is stale, and sees the new one", async () => {
    await make("twin", "{ game: 'joker_bingo' }");
    await act("twin.start()");
    await inState("twin", "game");
    await act("ann.act('extra'), twin.act('extra')");
    await inState("ann", "game");
    await inState("twin", "game");
    await page.until("the refusal", "annLog.errors.length + twinLog.errors.length === 1");
    const [{ code, re }] = [...(await log("ann")).errors, ...(await log("twin")).errors];
    expect(code === "stale_state" && re === "action", code);
    await page.until("one state for both", "ann.state.gamestate.id === twin.state.gamestate.id && ann.state.gamestate.data.balls.length === 31");
  });
  await check("leaving a round that runs is refused; the game stays the one to be in", async () => {
    await act("ann.finish()");
    await page.until("the refusal", "annLog.errors.at(-1)?.code === 'finish_refused'");
    await inState("ann", "game");
    expect(await act("ann.game") === "joker_bingo", "still");
  });
}

async function interruptions() {
  await check("a restart: both come back by themselves, spread, with the round as it was, and ask who they are anew", async () => {
    const id = await act("ann.state.gamestate.id");
    const asked = (await log("ann")).asked;
    await house.stop();
    await page.until("both to wait", "ann.phase === 'waiting' && twin.phase === 'waiting'");
    await house.start();
    await inState("ann", "game");
    await inState("twin", "game");
    const [one, two] = [await log("ann"), await log("twin")];
    expect(await act("ann.state.gamestate.id") === id && one.states.at(-1).first, "the same id, marked as the first");
    const [lost] = one.phases.filter(({ phase }) => phase === "waiting");
    const [other] = two.phases.filter(({ phase }) => phase === "waiting");
    expect(lost.code === 1012 && lost.wait >= 300 && lost.wait <= 2500, JSON.stringify(lost));
    expect(lost.wait !== other.wait, "not at the same moment");
    expect(one.asked > asked, "auth is asked before each connection");
    return `${Math.round(lost.wait)} and ${Math.round(other.wait)} ms`;
  });
  await check("a server that is away is asked again and again, with growing pauses", async () => {
    const before = (await log("ann")).phases.length;
    await house.stop("SIGKILL");
    await page.until("three tries", `annLog.phases.slice(${before}).filter(({ phase }) => phase === "waiting").length >= 4`, 30_000);
    await house.start();
    await inState("ann", "game");
    await inState("twin", "game");
    const waits = (await log("ann")).phases.slice(before).filter(({ phase }) => phase === "waiting").map(({ wait }) => wait);
    waits.slice(0, 4).forEach((wait, n) => {
      const usual = 400 * 1.7 ** n;
      expect(wait >= 0.75 * usual && wait <= 1.25 * usual, `pause ${n + 1}: ${wait}`);
    });
    return waits.map(Math.round).join(", ");
  });
  await check("a server that hangs is as good as away: after ten seconds without an answer the session begins anew", async () => {
    const id = await act("ann.state.gamestate.id");
    house.signal("SIGSTOP");
    try {
      expect(await act("ann.act('end')") === true, "sent");
      await page.until("the session to give it up", "ann.phase === 'connecting'", 20_000);
    } finally {
      house.signal("SIGCONT");
    }
    // The action had arrived: the new connection shows what became of it.
    await page.until("the true state", `ann.online && !ann.busy && ann.state.gamestate?.name === "idle" && ann.state.gamestate.id !== ${JSON.stringify(id)}`, 30_000);
  });
  await check("what is lost while the page is hidden waits until somebody looks", async () => {
    await act("Object.defineProperty(document, 'hidden', { value: true, configurable: true })");
    await act("dispatchEvent(new Event('offline'))");
    await page.until("both to wait", "ann.phase === 'waiting' && twin.phase === 'waiting'");
    const last = (await log("ann")).phases.at(-1);
    expect(last.wait === 0, JSON.stringify(last));
    await act("delete document.hidden, document.dispatchEvent(new Event('visibilitychange'))");
    await inState("ann", "idle");
  });
}

async function endings() {
  await check("leaving closes the game for both sessions, and neither goes back into it", async () => {
    await act("ann.finish()");
    await inState("ann", null);
    await inState("twin", null);
    expect(await act("ann.game") === null && await act("twin.game") === null, "no game is wanted");
    await act("ann.reconnect()");
    await inState("ann", null);
    const { states } = await log("ann");
    expect(states.at(-1).first && states.at(-1).game === null, "nor after a new connection");
  });
  await check("changing from game to game: the state between the two is marked by `loading`", async () => {
    await act("ann.load('coin_toss')");
    await inState("ann", "idle");
    await act("window.between = [], ann.on('state', ({ state }) => between.push([state.curr_game ?? null, ann.loading]))");
    await act("ann.load('video_keno')");
    await page.until("the other game", "ann.state.curr_game === 'video_keno' && !ann.busy");
    const between = await act("between");
    expect(JSON.stringify(between) === '[[null,"video_keno"],["video_keno",null]]', JSON.stringify(between));
  });
  await check("a game that the site does not offer is refused, and the one that is open stays", async () => {
    await act("ann.load('nothing')");
    await page.until("the refusal", "annLog.errors.at(-1)?.code === 'unknown_game'");
    expect(await act("ann.game") === "video_keno" && await act("ann.loading") === null && await act("ann.busy") === false, "as before");
  });
  await check("components answer, and are not held back", async () => {
    await act("ann.component('userdata', { what: 'set', values: { tutorial: 3 } })");
    await page.until("the value", "ann.state.userdata.tutorial === 3");
    await act("ann.component('nothing', {})");
    await page.until("the refusal", "annLog.errors.at(-1)?.code === 'unknown_component'");
  });
  await check("a player or a site that the server refuses is not tried again", async () => {
    await make("lost", "{ site: 'nowhere' }");
    await act("lost.start()");
    await page.until("the refusal", "lost.phase === 'refused'");
    await pause(800); // longer than the first pause
    const { phases, errors } = await log("lost");
    expect(phases.map(({ phase }) => phase).join() === "connecting,refused" && phases.at(-1).code === 4404 && errors[0].code === "unknown_site", JSON.stringify(phases));
  });
  await check("a token that cannot be had now is asked for again", async () => {
    await make("late", "{ auth: async () => { lateLog.asked += 1; if (lateLog.asked < 2) throw new Error('not yet'); return { uid: 'late' }; } }");
    await act("late.start()");
    await inState("late", null);
    const { phases } = await log("late");
    expect(phases.map(({ phase }) => phase).join() === "connecting,waiting,connecting,online", JSON.stringify(phases));
  });
  await check("another player begins with a balance of their own", async () => {
    await act("late.reconnect({ uid: 'somebody else' })");
    await inState("late", null);
    const { states } = await log("late");
    expect(states.at(-1).credits === 1000 && states.length === 2, JSON.stringify(states));
  });
  await check("a session that was closed stays closed, until it is started", async () => {
    await act("ann.close()");
    expect(JSON.stringify(await act("[ann.phase, ann.act('play'), ann.finish(), ann.component('userdata', {})]")) === '["closed",false,false,false]', "closed");
    await act("dispatchEvent(new Event('online'))");
    expect(await act("ann.phase") === "closed", "whatever the network does");
    await act("ann.start()");
    await page.until("the game that was open", "ann.state.curr_game === 'video_keno' && ann.online");
  });
  await check("amounts are shown as the wallet's denomination has them", async () => {
    const shown = await act(`[["", true, 1, 1234567], ["US$ ", false, 0.01, 123456], ["R$ ", false, 0.01, 5]].map(([prefix, integer, money_multiplier, credits]) =>
      formatCredits(credits, { denom_info: { prefix, suffix: "", integer, money_multiplier } }))`);
    expect(JSON.stringify(shown) === '["1,234,567","US$ 1,234.56","R$ 0.05"]', JSON.stringify(shown));
  });
}

await run(async (browser) => {
  await house.start();
  page = await browser.page();
  await page.call("Page.bringToFront");
  await page.open(`${house.url}/lobby/games`);
  await page.until("a page", "document.readyState === 'complete' && location.pathname === '/lobby/games'");
  await playing();
  await interruptions();
  await endings();
}, () => house.clean());
