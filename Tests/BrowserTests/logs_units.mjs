// Checks the parts of the log viewer that need no page: node logs_units.mjs
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// Node takes a .js file for a module only where a package.json says so; the server's folder needs none.
const copy = mkdtempSync(join(tmpdir(), "nightjar-viewer-"));
cpSync(fileURLToPath(new URL("../../Scripts/logs/public/static", import.meta.url)), copy, { recursive: true });
writeFileSync(join(copy, "package.json"), '{"type": "module"}');
after(() => rmSync(copy, { recursive: true, force: true }));
const load = (name) => import(pathToFileURL(join(copy, name)));

const { cut, short, visible } = await load("display.js");
const { Entry, clock, compare, lineOf, rankOf } = await load("entry.js");
const { Store } = await load("store.js");
const { ACTORS_MAX, Actors } = await load("actors.js");
const { FILTERS_MAX, Filters, compile } = await load("filters.js");
const { Pipeline } = await load("rows.js");
const { Search, pieces, expressionFor } = await load("search.js");
const { Selection } = await load("selection.js");
const { BOOKMARKS_MAX, Bookmarks } = await load("bookmarks.js");
const { FileError, ObjectReader } = await load("json_stream.js");
const { Connection, LISTEN_MS_MAX, PING_EVERY_MS, RETRIES_MAX, RETRY_AFTER_MS, RETRY_SPREAD_MS, endpoint, roomOf } = await load("connection.js");
const { Keep } = await load("storage.js");
const { Model } = await load("model.js");

/** The same numbers in every run. */
function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const actor = { id: 0, on: true, lines: 0 };
const entry = (raw) => new Entry(raw, actor);
const never = () => false;
const always = () => true;

test("milliseconds are padded on the left", () => {
  const time = new Date(2025, 0, 2, 3, 4, 5, 7).getTime();
  assert.equal(clock(time), "03:04:05:007");
  assert.equal(lineOf({ timestamp: time, level: "Info", msg: "hi", text: "other" }), "03:04:05:007 [Info] hi");
});

test("without time or message the text is the line; strange fields are no accident", () => {
  assert.equal(lineOf({ timestamp: 5, text: "t" }), "t");
  assert.equal(lineOf({ msg: "m", text: "t" }), "t");
  assert.equal(lineOf({ timestamp: 1e300, msg: "m", text: "t" }), "t");
  assert.equal(lineOf({ timestamp: "5", msg: ["m"], text: 7 }), "");
  assert.equal(entry({ timestamp: 5, msg: "m", text: "t" }).text, "t");
  assert.equal(entry({ text: 5, msg: "m" }).text, "m");
});

test("levels in any letter case; others have no rank", () => {
  assert.deepEqual(["TRACE", "Info", "error", "fatal", undefined, {}].map(rankOf), [0, 2, 4, -1, -1, -1]);
});

test("entries are ordered by number, else server time, else client time", () => {
  const order = (a, b) => Math.sign(compare(entry(a), entry(b)));
  assert.equal(order({ seqNumber: 1, serverTime: 9 }, { seqNumber: 2, serverTime: 1 }), -1);
  assert.equal(order({ serverTime: 2, timestamp: 1 }, { seqNumber: 1, serverTime: 1, timestamp: 5 }), 1);
  assert.equal(order({ timestamp: 1 }, { serverTime: 1, timestamp: 2 }), -1);
  assert.equal(order({}, { timestamp: 2 }), 0);
});

test("control and direction characters are written out, piled marks are thinned", () => {
  assert.equal(visible("a\u202eb\u0000c\nd\u007f\u2066"), "a⟨RLO⟩b⟨NUL⟩c↵d⟨DEL⟩⟨LRI⟩");
  assert.equal(visible("<b>ü 漢字 🙂</b>"), "<b>ü 漢字 🙂</b>");
  assert.ok(visible(`e${"\u0301".repeat(1000)}`).length < 10);
});

test("cutting keeps pairs whole", () => {
  assert.equal(cut("a🙂b", 2), "a");
  assert.equal(cut("a🙂b", 3), "a🙂");
  assert.equal(short("abc", 3), "abc");
  assert.equal(short("abcd", 3), "abc…");
});

test("late entries find their places, whatever the batches (seeded)", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = seeded(seed);
    const store = new Store();
    const numbers = Array.from({ length: 300 }, (_, i) => i).sort(() => random(3) - 1);
    for (let at = 0; at < numbers.length;) {
      const size = 1 + random(20);
      store.add(numbers.slice(at, at + size).map((seqNumber) => entry({ seqNumber })));
      at += size;
    }
    assert.deepEqual(store.entries.map((one) => one.sequence), numbers.map((_, i) => i));
  }
});

test("equal entries stay in the order of their arrival", () => {
  const store = new Store();
  store.add([entry({ seqNumber: 1, msg: "a" }), entry({ seqNumber: 2, msg: "b" })]);
  const { from } = store.add([entry({ seqNumber: 1, msg: "c" })]);
  assert.deepEqual(store.entries.map((one) => one.raw.msg), ["a", "c", "b"]);
  assert.equal(from, 1);
});

test("the oldest go when there are too many lines or characters; positions stay", () => {
  const store = new Store({ linesMax: 100 });
  const lines = (from, n) => Array.from({ length: n }, (_, i) => entry({ seqNumber: from + i, level: "info" }));
  store.add(lines(0, 100));
  assert.equal(store.dropped, 0);
  assert.equal(store.add(lines(100, 1)).dropped.length, 6);
  assert.equal(store.entries.length, 95);
  assert.equal(store.at(store.first).sequence, store.first);
  assert.equal(store.countOf(rankOf("info")), 95);
  const wide = new Store({ charactersMax: 100_000 });
  for (let i = 0; i < 20; i += 1) wide.add([entry({ seqNumber: i, msg: "x".repeat(20_000) })]);
  assert.ok(wide.entries.length <= 4 && wide.entries.at(-1).sequence === 19);
  wide.add([entry({ seqNumber: 20, msg: "x".repeat(1_000_000) })]);
  assert.deepEqual(wide.entries.map((one) => one.sequence), [20]);
});

test("four looks in turn; names beyond the limit share one place", () => {
  const actors = new Actors();
  assert.deepEqual(["a", "b", "c", "d", "e"].map((name) => actors.of(name).look), [0, 1, 2, 3, 0]);
  assert.equal(actors.of("b"), actors.list[1]);
  assert.equal(actors.of(undefined).name, "(no name)");
  assert.equal(actors.of("constructor").name, "constructor");
  for (let i = 0; i < 1000; i += 1) actors.of(`user ${i}`);
  assert.equal(actors.list.length, ACTORS_MAX + 1);
  assert.equal(actors.of("user 999").name, "(others)");
});

test("filters: all enabled ones must hold; negated, disabled, empty and invalid ones", () => {
  const filters = new Filters();
  const passes = (text) => filters.accepts(entry({ text }));
  const first = filters.add("a.c");
  assert.deepEqual(["abc", "ab"].map(passes), [true, false]);
  const second = filters.add("x");
  assert.deepEqual(["abc", "abcx"].map(passes), [false, true]);
  filters.change(second, { negated: true });
  assert.deepEqual(["abc", "abcx"].map(passes), [true, false]);
  filters.change(second, { pattern: "([" });
  assert.ok(second.error.length > 0);
  assert.equal(filters.activeCount, 1);
  filters.change(first, { enabled: false });
  assert.ok(passes("z"));
  filters.add("");
  assert.equal(filters.activeCount, 0);
});

test("an expression may carry flags, and keeps no state between lines", () => {
  const { test: matches } = compile("/ABC/gi");
  assert.deepEqual([matches("abc"), matches("abc"), matches("x")], [true, true, false]);
  assert.ok(compile("/a/b/").test("a/b"));
  assert.ok(compile("a/b").test("a/b"));
});

test("saved filters come back; rubbish is passed over", () => {
  const filters = new Filters();
  filters.add("a");
  filters.change(filters.add("b"), { enabled: false, negated: true });
  const other = new Filters();
  other.restore(JSON.parse(JSON.stringify(filters.saved())));
  assert.deepEqual(other.saved(), filters.saved());
  for (const rubbish of [null, 5, {}, "x", [null, 5, {}, { pattern: 5 }]]) {
    other.restore(rubbish);
    assert.deepEqual(other.list, []);
  }
  other.restore(Array.from({ length: 1000 }, () => ({ pattern: "x" })));
  assert.equal(other.list.length, FILTERS_MAX);
  assert.equal(other.add("y"), null);
});

// What the rows must be, worked out in the plainest way.
function expected(store, filters, level) {
  const rows = [];
  for (const one of store.entries) {
    if (!one.actor.on || (one.rank < level && one.rank !== -1)) continue;
    if (filters.accepts(one)) rows.push(one.sequence);
    else if (typeof rows.at(-1) === "string") rows.push(`skipped ${Number(rows.pop().slice(8)) + 1}`);
    else rows.push("skipped 1");
  }
  return rows;
}
const plain = (rows) => rows.map(({ entry: one, skipped }) => skipped > 0 ? `skipped ${skipped}` : one.sequence);

test("rows and hits are right after any sequence of changes, worked on in slices of any length (seeded)", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    const model = new Model({ limits: { linesMax: 700 } });
    model.search.set("hit");
    let next = 0;
    const raw = (seqNumber) => ({
      seqNumber, level: ["trace", "info", "error", "odd"][random(4)], user: ["a", "b", "c"][random(3)],
      text: `${["keep", "lose"][random(2)]} ${["hit", "miss"][random(2)]}`,
    });
    const changes = [
      () => model.add(Array.from({ length: random(300) }, () => raw(next++))),
      () => model.add(Array.from({ length: random(10) }, () => raw(Math.max(0, next - random(200)) + 0.5))),
      () => model.add(Array.from({ length: random(5) }, () => raw(random(next + 1)))),
      () => model.setLevel(random(5)),
      () => { if (model.actors.list.length > 0) model.toggleActor(random(model.actors.list.length)); },
      () => {
        if (model.filters.list.length === 0) model.filters.add("keep");
        else model.filters.change(model.filters.list[0], { enabled: random(2) === 0, negated: random(2) === 0 });
        model.filtersChanged();
      },
      () => {
        model.selection.entries = new Set(model.store.entries.filter(() => random(20) === 0));
        model.deleteSelected();
      },
      () => { if (random(10) === 0) model.clear(); },
    ];
    for (let i = 0; i < 60; i += 1) {
      changes[random(changes.length)]();
      for (let turns = random(3); turns > 0; turns -= 1) model.advance(always);
      if (random(4) > 0) continue;
      while (model.pending) model.advance(random(2) ? always : never);
      const want = expected(model.store, model.filters, model.pipeline.level);
      assert.deepEqual(plain(model.rows), want, `seed ${seed}, step ${i}`);
      const { displayed, hidden, filtered } = model.figures;
      assert.equal(displayed, want.filter((row) => typeof row === "number").length);
      assert.equal(filtered, want.reduce((sum, row) => sum + (typeof row === "string" ? Number(row.slice(8)) : 0), 0));
      assert.equal(displayed + hidden + filtered, model.store.entries.length);
      assert.deepEqual(model.search.hits, model.rows.flatMap(({ entry: one, skipped }, at) => skipped === 0 && one.line.includes("hit") ? [at] : []), `hits, seed ${seed}, step ${i}`);
      for (const { lines, id } of model.actors.list) assert.equal(lines, model.store.entries.filter((one) => one.actor.id === id).length);
    }
  }
});

test("while new rows are prepared the old ones are shown", () => {
  const store = new Store();
  const filters = new Filters();
  const pipeline = new Pipeline(store, filters);
  store.add(Array.from({ length: 2000 }, (_, seqNumber) => entry({ seqNumber, text: seqNumber % 2 ? "odd" : "even" })));
  pipeline.advance(never);
  filters.add("odd");
  pipeline.restart();
  assert.equal(pipeline.advance(always), false);
  assert.equal(pipeline.rows.length, 2000);
  assert.equal(pipeline.advance(never), true);
  assert.equal(pipeline.displayed, 1000);
});

test("a late entry far up is worked in aside, and everything after it is right", () => {
  const store = new Store();
  const filters = new Filters();
  filters.add("odd");
  const pipeline = new Pipeline(store, filters);
  store.add(Array.from({ length: 20_000 }, (_, i) => entry({ seqNumber: 2 * i, text: i % 3 ? "odd" : "even" })));
  pipeline.advance(never);
  for (const late of [1, 3, 2001, 8001, 8003, 15_999]) {
    const { from } = store.add([entry({ seqNumber: late, text: late % 2001 ? "odd" : "even" })]);
    const before = pipeline.rows.length;
    assert.equal(pipeline.changed(from), before);
    pipeline.advance(always);
    assert.equal(pipeline.rows.length, before);
    while (pipeline.pending) pipeline.advance(always);
    assert.deepEqual(plain(pipeline.rows), expected(store, filters, 0));
  }
});

test("search: characters as written, any case, from two on, round the ends", () => {
  const rows = ["a.b", "axb", "A.B a.b", "none"].map((text) => ({ entry: entry({ text }), skipped: 0 }));
  const search = new Search();
  search.set("a");
  assert.equal(search.active, false);
  search.set("a.b");
  search.advance(rows, never);
  assert.deepEqual(search.hits, [0, 2]);
  assert.equal(search.go(1, rows, 1), 2);
  assert.equal(search.go(1, rows), 0);
  assert.equal(search.go(-1, rows), 2);
  search.restart();
  search.advance(rows, never);
  assert.equal(search.current, 1, "the hit shown stays the one shown");
  assert.deepEqual(pieces("A.B a.b!", expressionFor("a.b", "giu")).map(({ text, hit }) => [text, hit]), [["A.B", true], [" ", false], ["a.b", true], ["!", false]]);
  for (const odd of ["\\^$.*+?()[]{}|/", "🙂🙂", "\ud83d\ud83d", "--"]) assert.ok(expressionFor(odd).test(odd));
});

test("selection: one, one more, a range without skipped runs", () => {
  const rows = Array.from({ length: 6 }, (_, seqNumber) => ({ entry: entry({ seqNumber }), skipped: seqNumber === 3 ? 4 : 0 }));
  const selection = new Selection();
  const selected = () => [...selection.entries].map((one) => one.sequence).sort();
  selection.only(rows[1].entry);
  selection.toggle(rows[5].entry);
  assert.deepEqual(selected(), [1, 5]);
  selection.range(rows[2].entry, rows);
  assert.deepEqual(selected(), [2, 4, 5]);
  selection.range(rows[0].entry, []);
  assert.deepEqual(selected(), [2, 4, 5]);
  selection.forget([rows[4].entry, rows[5].entry]);
  assert.deepEqual(selected(), [2]);
  selection.range(rows[1].entry, rows);
  assert.deepEqual(selected(), [1]);
});

test("bookmarks name entries beyond one visit; rubbish is passed over", () => {
  const raw = (i) => ({ seqNumber: i, timestamp: 5, msg: `m${i}`, user: "u", level: "info" });
  const bookmarks = new Bookmarks();
  assert.equal(bookmarks.add([entry(raw(1)), entry(raw(2)), entry(raw(1))]), 2);
  const other = new Bookmarks();
  other.restore(JSON.parse(JSON.stringify(bookmarks.saved())));
  const later = entry(raw(2));
  assert.ok(other.has(later) && !other.has(entry(raw(3))));
  assert.equal(Bookmarks.find(other.list[1].key, [entry(raw(1)), later]), later);
  assert.equal(Bookmarks.find("rubbish", [later]), undefined);
  assert.equal(Bookmarks.find("null", [later]), undefined);
  other.remove([later.key]);
  assert.equal(other.list.length, 1);
  other.restore([null, {}, { key: 1, text: "x" }]);
  assert.equal(other.list.length, 0);
  assert.equal(other.add(Array.from({ length: 1000 }, (_, i) => entry(raw(i)))), BOOKMARKS_MAX);
});

const read = (text, size) => {
  const reader = new ObjectReader();
  const objects = [];
  for (let at = 0; at < text.length; at += size) objects.push(...reader.read(text.slice(at, at + size)));
  reader.end();
  return objects;
};

test("a file is read the same in pieces of any size", () => {
  const objects = [{ a: 1 }, { text: "br{ack]et\\\"s \\u0000 \\\\" }, { deep: { list: [1, { x: "}" }] } }, {}];
  for (const text of [JSON.stringify(objects), JSON.stringify(objects, null, 2), objects.map((one) => JSON.stringify(one)).join("\n"), `\ufeff[${objects.map((one) => JSON.stringify(one)).join(" ,\r\n")}]`]) {
    for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(read(text, size), objects);
  }
  assert.deepEqual(read("[]", 1), []);
  assert.deepEqual(read("", 1), []);
});

test("a broken file says where, and what came before is not lost", () => {
  for (const text of ["[1]", "x", "[[{}]]", "{]}", "[{}", '{"a":', "{}]", '{"a": tru}']) assert.throws(() => read(text, 100), FileError, text);
  assert.throws(() => new ObjectReader().read('[{"a":1},{"b":2},!'), (error) => error.objects.length === 2 && error.message.includes("character 17"));
});

test("no text breaks the reader in another way than FileError (seeded)", () => {
  const random = seeded(7);
  const alphabet = '{}[]",:\\ 1a\n';
  for (let i = 0; i < 5000; i += 1) {
    const text = Array.from({ length: random(30) }, () => alphabet[random(alphabet.length)]).join("");
    const outcome = (size) => {
      try { return JSON.stringify(read(text, size)); } catch (error) {
        assert.ok(error instanceof FileError, text);
        return "fault";
      }
    };
    assert.equal(outcome(1), outcome(1000), text);
  }
});

/** Sockets, timers and chance that do what the test says. */
function world(random = () => 0) {
  const timers = new Map();
  let now = 0;
  let id = 0;
  const set = (body, ms, every) => { timers.set(++id, { at: now + ms, body, every }); return id; };
  const sockets = [];
  const log = [];
  const connection = new Connection({
    url: "ws://test", on: { frame: (text) => log.push(text), status: (level, text) => log.push(`${level}: ${text}`), phase: (name) => log.push(name), wrongToken: () => log.push("wrong token") },
    random,
    open: () => {
      const socket = { sent: [], closed: null, send(text) { this.sent.push(text); }, close(code) { this.closed = code; } };
      sockets.push(socket);
      return socket;
    },
    time: { setTimeout: (body, ms) => set(body, ms), setInterval: (body, ms) => set(body, ms, ms), clearTimeout: (one) => timers.delete(one), clearInterval: (one) => timers.delete(one) },
  });
  const pass = (ms) => {
    for (const end = now + ms; ;) {
      const [key, timer] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!timer) { now = end; return; }
      now = timer.at;
      if (timer.every) timer.at += timer.every; else timers.delete(key);
      timer.body();
    }
  };
  return { connection, sockets, log, pass, timers };
}

test("a ping goes out every 3 seconds while connected", () => {
  const { connection, sockets, pass } = world();
  connection.start();
  pass(PING_EVERY_MS * 2);
  assert.deepEqual(sockets[0].sent, []);
  sockets[0].onopen();
  pass(PING_EVERY_MS * 2 + 1);
  assert.deepEqual(sockets[0].sent, ["ping", "ping"]);
});

test("after an abnormal close five attempts 5 seconds apart, then none", () => {
  const { connection, sockets, log, pass, timers } = world();
  connection.start();
  sockets[0].onopen();
  sockets[0].onclose({ code: 1006 });
  for (let attempt = 1; attempt <= RETRIES_MAX; attempt += 1) {
    pass(RETRY_AFTER_MS - 1);
    assert.equal(sockets.length, attempt);
    pass(1);
    assert.equal(sockets.length, attempt + 1);
    sockets.at(-1).onclose({ code: 1006 });
  }
  assert.equal(log.at(-1), "error: Connection lost (1006); 5 attempts failed. Refresh the page to try again.");
  assert.equal(timers.size, 0);
  pass(LISTEN_MS_MAX);
  assert.equal(sockets.length, RETRIES_MAX + 1);
});

test("an attempt that succeeds starts the count again; an old socket is not listened to", () => {
  const { connection, sockets, log, pass } = world();
  connection.start();
  for (let i = 0; i < 20; i += 1) {
    sockets.at(-1).onopen();
    sockets.at(-1).onclose({ code: 1012 });
    assert.ok(log.at(-1).includes("Attempt 1 of 5"));
    pass(RETRY_AFTER_MS);
  }
  const before = log.length;
  sockets[0].onmessage({ data: "late" });
  sockets[0].onclose({ code: 1006 });
  assert.equal(log.length, before);
});

test("pages come back at different moments, from 5 seconds on", () => {
  const { connection, sockets, pass } = world(() => 0.5);
  connection.start();
  sockets[0].onclose({ code: 1012 });
  pass(RETRY_AFTER_MS + RETRY_SPREAD_MS / 2 - 1);
  assert.equal(sockets.length, 1);
  pass(1);
  assert.equal(sockets.length, 2);
});

test("a token that is not right is asked for again; with another one it listens at once", () => {
  const { connection, sockets, log, timers } = world();
  connection.start();
  sockets[0].onopen();
  sockets[0].onclose({ code: 1008, reason: "wrong_token" });
  assert.equal(log.at(-1), "wrong token");
  assert.equal(timers.size, 0);
  connection.moveTo("ws://test?token=b");
  assert.equal(connection.url, "ws://test?token=b");
  assert.equal(sockets.length, 2);
  sockets[1].onopen();
  connection.moveTo("ws://test?token=c");
  assert.equal(sockets[1].closed, 1000);
  assert.equal(sockets.length, 3);
});

test("a token is part of the address only if there is one", () => {
  assert.equal(endpoint("http://a.example/logs.html", null, "t&k"), "ws://a.example/logs/listen?token=t%26k");
  assert.equal(endpoint("http://a.example/logs.html", null, null), "ws://a.example/logs/listen");
});

test("a normal close asks to refresh", () => {
  const { connection, sockets, log, pass, timers } = world();
  connection.start();
  sockets[0].onopen();
  sockets[0].onclose({ code: 1000 });
  assert.equal(log.at(-1), "info: The server closed the connection. Refresh the page to listen again.");
  assert.equal(timers.size, 0);
  pass(60_000);
  assert.equal(sockets.length, 1);
});

test("after 4 hours it closes itself, however often it was lost meanwhile", () => {
  const { connection, sockets, log, pass, timers } = world();
  connection.start();
  sockets[0].onopen();
  pass(LISTEN_MS_MAX / 2);
  sockets[0].onclose({ code: 1006 });
  pass(RETRY_AFTER_MS);
  sockets[1].onopen();
  pass(LISTEN_MS_MAX / 2 - RETRY_AFTER_MS - 1);
  assert.equal(sockets[1].closed, null);
  pass(1);
  assert.equal(sockets[1].closed, 1000);
  assert.ok(log.at(-1).startsWith("warn: Closed after 4 hours."));
  assert.equal(timers.size, 0);
});

test("address of the endpoint and the room in the page's address", () => {
  assert.equal(endpoint("http://h:1/logs.html?room=x", "a b&c"), "ws://h:1/logs/listen?room=a+b%26c");
  assert.equal(endpoint("https://h/logs.html", null), "wss://h/logs/listen");
  assert.equal(roomOf("http://h/logs.html?roomId=b&room=a"), "a");
  assert.equal(roomOf("http://h/logs.html?roomId=b"), "b");
  assert.equal(roomOf("http://h/logs.html?room="), null);
});

test("storage that is full, forbidden or spoiled is survived", () => {
  const forbidden = new Keep(null);
  assert.equal(forbidden.text("a"), null);
  assert.equal(forbidden.setValue("a", 1), false);
  const spoiled = new Keep({ getItem: () => "{not json" });
  assert.equal(spoiled.value("a"), null);
});

test("what is no entry is counted, not shown; the viewer's own lines stand at the server's present", () => {
  const model = new Model({ now: () => 1000 });
  assert.equal(model.addLive([null, 5, "x", [], { text: "a", serverTime: 9000, seqNumber: 1 }]), 4);
  model.status("info", "now");
  model.addLive([{ text: "b", serverTime: 9001, seqNumber: 2 }]);
  model.advance(never);
  assert.deepEqual(model.rows.map((row) => row.entry.raw.user ?? row.entry.text), ["a", "app", "b"]);
});

test("lines that are hidden are no longer selected", () => {
  const model = new Model();
  model.add([{ seqNumber: 1, level: "info" }, { seqNumber: 2, level: "error" }]);
  model.advance(never);
  model.selection.all(model.rows);
  model.setLevel(4);
  model.advance(never);
  assert.equal(model.figures.selected, 1);
  assert.equal(model.deleteSelected(), 1);
  assert.deepEqual(model.store.entries.map((one) => one.sequence), [1]);
});
