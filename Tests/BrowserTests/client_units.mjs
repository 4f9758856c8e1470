// Checks how clients/js/nightjar.js comes back, on a clock of the test's and sockets that do what they are told: node --test client_units.mjs
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, afterEach, beforeEach, mock } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// Node takes a .js file for a module only where a package.json says so; the server's folder needs none.
const copy = mkdtempSync(join(tmpdir(), "nightjar-client-"));
cpSync(fileURLToPath(new URL("../../clients/js", import.meta.url)), copy, { recursive: true });
writeFileSync(join(copy, "package.json"), '{"type": "module"}');
after(() => rmSync(copy, { recursive: true, force: true }));
const { Session } = await import(pathToFileURL(join(copy, "nightjar.js")));

/** Every socket that was made, and what was said on it. */
let sockets = [];
class Socket {
  readyState = 0;
  said = [];
  constructor(url) { this.url = url; sockets.push(this); }
  send(text) { this.said.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen(); }
  tell(message) { this.onmessage({ data: JSON.stringify(message) }); }
  lose(code) { this.readyState = 3; this.onclose({ code }); }
}
const idle = { t: "state", wallet: { credits: 10 }, userdata: {} };
const playing = (id) => ({ ...idle, curr_game: "bingo", gamestate: { id, name: "idle", data: {}, actions: ["bet"] } });
const turns = async () => { for (let i = 0; i < 5; i++) await null; };

let session;
const phases = [];
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 0.5);
  sockets = [];
  phases.length = 0;
  session = new Session({ url: "ws://host/session/ws", site: "demo", auth: { uid: "ann" }, WebSocket: Socket });
  session.on("phase", (phase) => phases.push(phase));
});
afterEach(() => { session.close(); mock.timers.reset(); mock.restoreAll(); });

async function start() {
  session.start();
  await turns();
  sockets[0].open();
  sockets[0].tell(idle);
}

test("the class of sockets is the one that is given, and the first message says who plays", async () => {
  await start();
  assert.deepEqual(sockets[0].said, [{ auth: { uid: "ann", token: "", userinfo: {} }, platform: "demo", site: "demo" }]);
  assert.equal(session.online, true);
});

test("a player who is refused, or a site that is not there, is not tried again", async () => {
  for (const code of [4401, 4404]) {
    session.reconnect();
    await turns();
    sockets.at(-1).open();
    sockets.at(-1).lose(code);
    assert.equal(session.phase, "refused");
    const made = sockets.length;
    mock.timers.tick(3_600_000);
    await turns();
    assert.equal(sockets.length, made);
  }
});

test("pauses grow to ten seconds and no further, and begin anew after a success", async () => {
  await start();
  const pauses = [];
  for (let i = 0; i < 12; i++) {
    sockets.at(-1).lose(1006);
    pauses.push(phases.at(-1).wait);
    mock.timers.tick(phases.at(-1).wait);
    await turns();
  }
  for (let i = 1; i < pauses.length; i++) assert.ok(pauses[i] >= pauses[i - 1], `${pauses}`);
  // Each is drawn from 0.75 to 1.25 times its length; here it is the length.
  assert.equal(pauses[0], 400);
  assert.equal(pauses.at(-1), 10_000);
  sockets.at(-1).open();
  sockets.at(-1).tell(idle);
  sockets.at(-1).lose(1006);
  assert.equal(phases.at(-1).wait, 400);
});

test("without an answer for ten seconds there is a new connection, which goes back into the game", async () => {
  await start();
  session.load("bingo");
  sockets[0].tell(playing("a"));
  assert.equal(session.act("bet", { amount: 4 }), true);
  assert.equal(session.act("bet", { amount: 4 }), false, "one at a time");
  mock.timers.tick(9_999);
  await turns();
  assert.equal(sockets.length, 1);
  mock.timers.tick(1);
  await turns();
  assert.equal(sockets.length, 2);
  sockets[1].open();
  sockets[1].tell(idle);
  assert.deepEqual(sockets[1].said.at(-1), { t: "gameload", gameid: "bingo" });
});

test("an error ends the waiting, and the state that follows is taken", async () => {
  await start();
  session.load("bingo");
  sockets[0].tell(playing("a"));
  session.act("bet");
  sockets[0].tell({ t: "error", code: "internal", message: "", re: "action" });
  assert.equal(session.busy, false);
  sockets[0].tell(playing("b"));
  session.act("bet");
  assert.equal(sockets[0].said.at(-1).sid, "b");
});
