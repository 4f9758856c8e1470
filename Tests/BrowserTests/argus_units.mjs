// Checks the parts of Argus' pages that need no page: node --test argus_units.mjs
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// Node takes a .js file for a module only where a package.json says so; the server's folder needs none.
const copy = mkdtempSync(join(tmpdir(), "nightjar-argus-"));
const folder = fileURLToPath(new URL("../../Scripts/argus", import.meta.url));
// As the server shows them: /argus/static and /argus/lib.
cpSync(join(folder, "public/js"), join(copy, "static/js"), { recursive: true });
cpSync(join(folder, "../lib/pages"), join(copy, "lib"), { recursive: true });
writeFileSync(join(copy, "package.json"), '{"type": "module"}');
after(() => rmSync(copy, { recursive: true, force: true }));
const load = (name) => import(pathToFileURL(join(copy, "static/js", name)));

const { BROADCASTS_MAX, PARTS_MAX, begin, header, receive } = await load("overlay/parts.js");
const { REFUSED_MS, wait, waitRefused } = await load("overlay/reconnect.js");
const { properties } = await load("overlay/look.js");
const { steps, whole } = await load("overlay/sample.js");
const { GROUPS, OPTIONS, address, defaults, read, write } = await load("shared/options.js");
const { distance, nearest } = await load("shared/nearest.js");
const { segments } = await load("shared/richtext.js");
const { empty, updated, updatedByText } = await load("run/state.js");
const { panels } = await load("run/model.js");
const { plan } = await load("run/cells.js");
const { place } = await load("run/card.js");
const { GLYPHS } = await load("run/glyphs.js");
const { boon, extra } = await load("run/items.js");
const { ARCANA, VOWS } = await load("run/positions.js");
const { ago, linkOf, portrait } = await load("dashboard/streamer.js");
const mapping = JSON.parse(readFileSync(join(folder, "data/ui_mappings.json"), "utf8"));

/** The lists of traits.lua: Lua tables of texts, numbers and tables, and nothing else. */
function traits() {
  const text = readFileSync(join(folder, "traits.lua"), "utf8").replace(/--.*$/gm, "");
  const tokens = text.slice(text.indexOf("lists.check") + "lists.check".length).match(/"[^"]*"|[\w.]+|[{}=,]/g);
  let at = 0;
  const value = () => {
    const token = tokens[at++];
    if (token !== "{") return JSON.parse(token);
    const list = [], fields = {};
    while (tokens[at] !== "}") {
      if (tokens[at + 1] === "=") {
        const name = tokens[at];
        at += 2;
        fields[name] = value();
      } else list.push(value());
      if (tokens[at] === ",") at += 1;
    }
    at += 1;
    return list.length > 0 || Object.keys(fields).length === 0 ? list : fields;
  };
  return value();
}

// Not among the specs of the package: those run before every load, and a modder adds names while it runs.
test("the lists are those of the game, and the mapping that comes along knows every name", () => {
  const lists = traits();
  const gods = { Aphrodite: 14, Apollo: 16, Ares: 22, Demeter: 16, Hephaestus: 21, Hera: 20, Hestia: 19, Poseidon: 18, Zeus: 18, Artemis: 9, Dionysus: 8, Hermes: 13 };
  assert.deepEqual(Object.fromEntries(Object.entries(lists.gods).map(([god, names]) => [god, names.length])), gods);
  const characters = { Hades: [5, 3], Icarus: [5, 3], Medea: [7, 1], Circe: [8, 1], Athena: [5, 3] };
  assert.deepEqual(Object.fromEntries(Object.entries(lists.characters).map(([who, { boons, extras }]) => [who, [boons.length, extras.length]])), characters);
  assert.deepEqual([lists.hammers, lists.arcana, lists.vows, lists.weapons, lists.keepsakes, lists.hexes].map((list) => list.length), [92, 25, 17, 30, 33, 9]);
  assert.equal(lists.always_common.Arachne.length, 8);

  for (const [god, names] of Object.entries(lists.gods)) for (const name of names) assert.equal(mapping.boons[name]?.gods[0], god, name);
  const known = {
    boons: [...Object.values(lists.characters).flatMap(({ boons, extras }) => [...boons, ...extras]), ...lists.always_common.Arachne, ...lists.hammers],
    weapons: lists.weapons, keepsakes: lists.keepsakes, hexes: lists.hexes, arcana: lists.arcana.map(({ v2 }) => v2), familiars: Object.keys(lists.familiars),
  };
  for (const [section, names] of Object.entries(known)) for (const name of names) assert.ok(mapping[section][name], name);
  for (const { name, max } of lists.vows) assert.equal(mapping.vows[name].fears.length, max + 1, name);
  const counts = { boons: 368, weapons: 30, familiars: 5, keepsakes: 33, hexes: 9, vows: 17, arcana: 25 };
  for (const [section, count] of Object.entries(counts)) assert.equal(Object.keys(mapping[section]).length, count, section);
});

/** Feeds parts one after the other; what came out whole. */
function feed(parts, from = begin()) {
  let state = from;
  const messages = [];
  for (const part of parts) {
    const step = receive(state, part);
    state = step.state;
    if (step.message !== undefined) messages.push(step.message);
  }
  return { state, messages };
}

test("a header is a star and three numbers; what follows is the piece, stars and all", () => {
  assert.deepEqual(header("*7*0*2*a*b"), { nonce: 7, index: 0, count: 2, piece: "a*b" });
  assert.deepEqual(header("*4294967295*0*1*"), { nonce: 4294967295, index: 0, count: 1, piece: "" });
  for (const text of ["", "x", "7*0*1*a", "*7*0*a", "*-7*0*1*a", "*7*1*1*a", "*7*0*0*a", "* 7*0*1*a", "*7*0x*1*a", "*4294967296*0*1*a", `*7*0*${PARTS_MAX + 1}*a`]) assert.equal(header(text), null, text);
});

test("parts are joined by their index, in whatever order they come", () => {
  assert.deepEqual(feed(["*1*0*1*whole"]).messages, ["whole"]);
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) assert.deepEqual(feed(order.map((i) => `*9*${i}*3*${"abc"[i]}`)).messages, ["abc"]);
});

test("a part that came before is ignored, also after the message is whole", () => {
  assert.deepEqual(feed(["*1*0*2*a", "*1*0*2*x", "*1*1*2*b", "*1*1*2*y", "*1*0*2*a"]).messages, ["ab"]);
});

test("a newer broadcast puts the older ones away: their late parts are nothing", () => {
  assert.deepEqual(feed(["*1*0*2*a", "*2*0*2*c", "*1*1*2*b", "*2*1*2*d"]).messages, ["cd"]);
});

test("only so many broadcasts are remembered; an older one's part is a new one's", () => {
  const { state } = feed(Array.from({ length: BROADCASTS_MAX + 5 }, (_, i) => `*${i}*0*2*x`));
  assert.equal(state.archived.length, BROADCASTS_MAX - 1);
  assert.equal(receive(state, "*5*1*2*y").state, state);
  assert.equal(receive(state, "*0*1*2*y").state.nonce, 0);
});

test("a part with another count than the first one's is ignored", () => {
  assert.deepEqual(feed(["*1*0*2*a", "*1*1*3*b", "*1*1*2*c"]).messages, ["ac"]);
});

test("a state is a value: receiving changes none that somebody holds", () => {
  const first = receive(begin(), "*1*0*2*a").state;
  const before = JSON.stringify(first);
  receive(first, "*1*1*2*b");
  receive(first, "*2*0*1*c");
  assert.equal(JSON.stringify(first), before);
});

test("waits grow, have an end, and half of each is chance", () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const [least, most] = [wait(attempt, () => 0), wait(attempt, () => 1)];
    assert.ok(least >= 250 && most <= 15_000 && Math.abs(most - 2 * least) <= 1, `${attempt}`);
  }
  assert.ok(wait(0, () => 1) < wait(3, () => 1) && wait(6, () => 0) < wait(6, () => 1));
  assert.ok(waitRefused(() => 0) >= REFUSED_MS / 2);
});

test("a message replaces the run field by field; what is null, missing or strange stays", () => {
  const run = updated(empty(), { totalRunItems: "3", pinData: [{ codeName: "A" }] });
  const next = updated(run, { totalRunItems: null, boonData: { totalBoons: 1 }, pinData: "no", extraData: [null, 5, { codeName: "B" }] });
  assert.equal(next.totalRunItems, "3");
  assert.deepEqual(next.pinData, [{ codeName: "A" }]);
  assert.deepEqual(next.boonData, { totalBoons: 1 });
  assert.deepEqual(next.extraData, [{ codeName: "B" }]);
  for (const text of ["", "{", "null", "[]", "5"]) assert.equal(updatedByText(run, text), run);
});

test("before any data everything is empty and every counter says 0", () => {
  for (const known of [null, mapping]) {
    const all = panels(empty(), known);
    assert.deepEqual([all.run.count, all.arcana.count, all.vows.count, all.pins.count], ["0", "0", "0", "0"]);
    assert.ok([all.run.weapon, all.run.familiar, ...all.run.slots, ...all.arcana.cards, ...all.vows.vows].every((item) => item.empty));
    assert.deepEqual([all.run.slots.length, all.arcana.cards.length, all.vows.vows.length, all.run.elements.length], [5, 25, 17, 5]);
  }
});

test("vows and cards stand in the game's order, and agree with the mapping", () => {
  const all = panels(empty(), mapping);
  assert.deepEqual(all.arcana.cards.map(({ name }) => name), ARCANA.map(([, , name]) => name));
  assert.deepEqual(all.vows.vows.map(({ code, name, most }) => [code, name, most]), VOWS);
  assert.deepEqual(Object.keys(mapping.arcana), ARCANA.map(([code]) => code));
  assert.deepEqual(Object.keys(mapping.vows), VOWS.map(([code]) => code));
  VOWS.forEach(([code, , most]) => assert.equal(mapping.vows[code].fears.length, most + 1));
});

test("a card is found under either of its names, and stands once", () => {
  const run = updated(empty(), { arcanaData: { totalGrasp: 3, arcanaList: [{ codeName: "CastCount", name: "Eternity", rarity: "Epic", description: "x" }] } });
  const { cards } = panels(run, mapping).arcana;
  assert.equal(cards.length, 25);
  assert.deepEqual(cards.filter(({ empty: none }) => !none).map(({ number, rank, rarity }) => [number, rank, rarity]), [[4, "Rank III", "Epic"]]);
  const first = { ...mapping, arcana: Object.fromEntries(ARCANA.map(([today, old]) => [old, mapping.arcana[today]])) };
  assert.equal(panels(run, first).arcana.cards.length, 25);
});

test("a card or vow that a patch brings comes at the end", () => {
  const more = { ...mapping, vows: { ...mapping.vows, NewShrineUpgrade: { name: "Vow of News", descriptions: ["", "a"], fears: [0, 1] } } };
  const { vows } = panels(updated(empty(), { arcanaData: { arcanaList: [{ codeName: "NewCard", name: "The New", rarity: "Rare" }] } }), more).vows;
  assert.deepEqual([vows.length, vows.at(-1).name, vows.at(-1).most], [18, "Vow of News", 1]);
});

test("ranks: weapons to VI, familiars by level, vows by their table, the rest by rarity", () => {
  const run = updated(empty(), {
    weaponData: { codeName: "BaseStaffAspect", name: "S", rarity: "Perfect" }, familiarData: { codeName: "DodgeFamiliar", name: "G", rarity: "8" },
    vowData: { totalFear: 5, vowList: [{ codeName: "EnemyDamageShrineUpgrade", name: "Vow of Pain", level: "3", description: "d" }] },
  });
  const all = panels(run, mapping);
  assert.deepEqual([all.run.weapon.rank, all.run.weapon.glyph, all.run.familiar.rank, all.run.familiar.glyph], ["Rank VI", "staff", "Lv. 8", "polecat"]);
  const vow = all.vows.vows[0];
  assert.deepEqual([vow.level, vow.most, vow.rarity, vow.rank, vow.short, vow.effects[0].value], [3, 3, "Epic", "Level 3 of 3", "Pain", "5"]);
  // The first protocol version sends no level.
  assert.equal(panels(updated(empty(), { familiarData: { codeName: "DodgeFamiliar", name: "G", rarity: "Common" } }), null).run.familiar.rank, "");
});

test("two boons of the same kind are two, and each keeps its name when another comes", () => {
  const ids = (names) => panels(updated(empty(), { boonData: { otherBoons: names.map((codeName) => ({ codeName, name: codeName, rarity: "Common" })) } }), mapping).run.others.map(({ id }) => id);
  assert.deepEqual(ids(["LuckyBoon", "LuckyBoon"]), ["other:LuckyBoon:1", "other:LuckyBoon:2"]);
  assert.deepEqual(ids(["LuckyBoon", "RestockBoon", "LuckyBoon"]), ["other:LuckyBoon:1", "other:RestockBoon:1", "other:LuckyBoon:2"]);
});

test("requirements keep their rows and numbers; no more than three pins", () => {
  const all = panels(updated(empty(), whole), mapping);
  assert.deepEqual(all.pins.pins[0].requirements.map(({ type, number, items }) => [type, number, items.map(({ fulfilled }) => fulfilled)]), [["Zeus", 1, [true, false]], ["Poseidon", 2, [false, true]]]);
  assert.equal(panels(updated(empty(), { pinData: Array.from({ length: 9 }, () => whole.pinData[0]) }), null).pins.pins.length, 3);
});

test("whatever comes, the panels are made", () => {
  const odd = [null, 5, "x", [], [null], {}, { codeName: 5, rarity: {}, name: null, effects: 7, requirements: "no", extraType: "?" }];
  for (const one of odd) {
    for (const field of Object.keys(empty())) {
      const run = { ...empty(), [field]: one };
      assert.doesNotThrow(() => panels(run, mapping), `${field} ${JSON.stringify(one)}`);
      assert.doesNotThrow(() => panels(updated(empty(), { [field]: one, boonData: { otherBoons: [one], weaponBoon: one } }), { boons: null, arcana: one, vows: {} }));
    }
  }
});

test("every boon, weapon, familiar, keepsake and hex of the mapping has a picture of its own kind", () => {
  const missing = [];
  for (const codeName of Object.keys(mapping.boons)) {
    const item = boon({ codeName, name: "x", rarity: "Common" }, mapping);
    for (const name of [item.glyph, ...item.gods.map((god) => god.toLowerCase())]) if (!GLYPHS[name]) missing.push(`${codeName} ${name}`);
    assert.equal(item.kind, mapping.boons[codeName].gods[0] === "Hammer" ? "hammer" : "boon");
  }
  for (const codeName of Object.keys(mapping.keepsakes)) if (!GLYPHS[extra({ codeName, extraType: "Keepsake" }, mapping).glyph]) missing.push(codeName);
  assert.deepEqual(missing, []);
});

test("the mapping has every section in full", () => {
  const counts = Object.fromEntries(Object.entries(mapping).map(([name, section]) => [name, Object.keys(section).length]));
  assert.deepEqual(counts, { boons: 368, weapons: 30, familiars: 5, keepsakes: 33, hexes: 9, vows: 17, arcana: 25 });
  const boons = Object.values(mapping.boons);
  assert.equal(boons.filter(({ slot }) => slot).length, 45);
  assert.equal(boons.filter(({ gods }) => gods[0] === "Hammer").length, 92);
  const duos = boons.filter(({ gods }) => gods.length === 2);
  assert.equal(duos.length, 37);
  assert.ok(duos.every(({ effects }) => effects[0].duo));
  const tags = JSON.stringify(mapping).match(/<[^>]*>/g);
  assert.deepEqual([...new Set(tags)].sort(), ["</b>", "<b>"]);
});

test("only <b> is a tag; all else is text", () => {
  assert.deepEqual(segments("a <b>b</b> c"), [{ text: "a ", bold: false }, { text: "b", bold: true }, { text: " c", bold: false }]);
  assert.deepEqual(segments("<img src=x onerror=alert(1)><B>x"), [{ text: "<img src=x onerror=alert(1)>", bold: false }, { text: "x", bold: true }]);
  assert.deepEqual(segments("<b onclick=x>a</b >"), [{ text: "<b onclick=x>a</b >", bold: false }]);
  assert.deepEqual([segments(undefined), segments("")], [[], []]);
});

test("a list's plan: what arrives, what has changed, what is gone", () => {
  const before = new Map([["a", "1"], ["b", "2"], ["c", "3"]]);
  assert.deepEqual(plan(before, [{ id: "a", signature: "1" }, { id: "c", signature: "4" }, { id: "d", signature: "5" }]), { arrived: ["d"], changed: ["c"], gone: ["b"] });
});

test("a card stays within the page wherever its target is", () => {
  for (const view of [{ width: 320, height: 500 }, { width: 1920, height: 1080 }]) {
    for (let x = 0; x <= view.width - 40; x += 40) for (let y = 0; y <= view.height - 40; y += 60) {
      const { left, top } = place({ left: x, right: x + 40, top: y, bottom: y + 40, width: 40, height: 40 }, { width: 280, height: 180 }, view);
      assert.ok(left >= 10 && top >= 10 && left + 280 <= view.width - 10 && top + 180 <= view.height - 10, `${x} ${y}`);
    }
  }
});

test("every option has an explanation, a group, and a default that its own reader takes", () => {
  const groups = GROUPS.map(([name]) => name);
  assert.equal(new Set(OPTIONS.map(({ name }) => name)).size, OPTIONS.length);
  for (const option of OPTIONS) {
    assert.ok(option.explanation.length > 20 && option.label && groups.includes(option.group), option.name);
    const { values, problems } = read(new URLSearchParams({ [option.name]: write(option, option.default) }));
    assert.deepEqual([values[option.name], problems], [option.default, []], option.name);
  }
});

test("an address holds what differs from the defaults, and reads back as the same", () => {
  const base = "http://example.org/argus/overlay?old=1";
  assert.equal(address(base, defaults()), "http://example.org/argus/overlay");
  const values = { ...defaults(), channel: "4711", key: "ab-c_1", delay: 12, panel: ["vows", "run"], scale: 1.25, names: false, "hide-empty": true, accent: "ff0", background: "00ff00", position: "fill" };
  const text = address(base, values);
  assert.equal(text, "http://example.org/argus/overlay?channel=4711&key=ab-c_1&delay=12&panel=vows,run&names=0&hide-empty=1&position=fill&scale=1.25&accent=ff0&background=00ff00");
  assert.deepEqual(read(new URL(text).search), { values, problems: [] });
});

test("what is wrong in an address is named and left at its default; a misspelt name gets the nearest", () => {
  const { values, problems } = read("?postion=fill&scale=9&panel=run,vow&accent=red&delay=&key=a%20b&hide-empty=perhaps&zzzzzz=1");
  assert.deepEqual(values, defaults());
  assert.equal(problems.length, 8);
  assert.equal(problems[0], "“postion” is no option; “position” is.");
  assert.match(problems[1], /“scale” has to be a number from 0.5 to 3/);
  assert.equal(problems[7], "“zzzzzz” is no option.");
  assert.deepEqual(read("?panel=all").values.panel, ["run", "arcana", "vows", "pins"]);
  assert.deepEqual(read("?accent=%23FFEEDD&names=off").values.accent, "ffeedd");
});

test("the nearest name", () => {
  assert.deepEqual([distance("", "abc"), distance("abc", "acb"), distance("kitten", "sitting")], [3, 1, 3]);
  assert.equal(nearest("dealy", ["delay", "demo"]), "delay");
  assert.equal(nearest("x", ["delay", "demo"]), undefined);
});

test("options become properties of the page", () => {
  const plain = properties(defaults());
  assert.deepEqual([plain["--accent"], plain["--page"], plain["font-size"], plain["--panel-width"]], ["rgb(233 196 106)", "transparent", "16px", "20rem"]);
  const other = properties({ ...defaults(), scale: 1.5, accent: "f00", background: "000000", "plate-strength": 0 });
  assert.deepEqual([other["--accent"], other["--page"], other["font-size"], other["--plate"]], ["rgb(255 0 0)", "rgb(0 0 0)", "24px", "rgb(20 16 31 / 0)"]);
});

test("the made-up run counts right in every step", () => {
  let run = empty();
  for (const step of steps) {
    run = updated(run, step);
    const { boonData } = run;
    const boons = Object.keys(boonData).filter((name) => name.endsWith("Boon")).length + boonData.otherBoons.length;
    assert.equal(boonData.totalBoons, boons);
    assert.equal(run.totalRunItems, String(boons + 2 + run.extraData.length));
    assert.equal(run.vowData.totalFear, run.vowData.vowList.reduce((sum, { codeName, level }) => sum + mapping.vows[codeName].fears[level], 0));
    assert.equal(run.arcanaData.totalGrasp, run.arcanaData.arcanaList.reduce((sum, { codeName }) => sum + mapping.arcana[codeName].grasp, 0));
  }
});

test("how long ago, and which names go into a link", () => {
  assert.deepEqual([ago(-5), ago(59_000), ago(60_000), ago(300_000)], ["just now", "just now", "1 minute ago", "5 minutes ago"]);
  assert.equal(linkOf("Some_One"), "https://www.twitch.tv/some_one");
  for (const name of [undefined, "", "a/b", "javascript:alert(1)", "Ä", "x".repeat(26)]) assert.equal(linkOf(name), null);
});

test("the dashboard shows the picture that Twitch has given, and a letter where there is none or it does not come", () => {
  // As much of a page as a picture needs.
  globalThis.document = {
    createElement: (tag) => ({
      tag, fields: {}, children: [], on: {},
      setAttribute(name, value) { this.fields[name] = value; },
      addEventListener(name, heard) { this.on[name] = heard; },
      append(...more) { this.children.push(...more); },
      replaceChildren(...others) { this.children = others; },
    }),
  };
  after(() => delete globalThis.document);
  const circle = portrait({ twitchProfilePic: "https://pictures.example/4711.png" }, "some_One");
  assert.equal(circle.children.length, 1);
  assert.deepEqual([circle.children[0].tag, circle.children[0].fields], ["img", { src: "https://pictures.example/4711.png", alt: "", referrerpolicy: "no-referrer" }]);
  circle.children[0].on.error();
  assert.deepEqual(circle.children, ["S"]);
  for (const picture of [undefined, null, 7, "", "http://pictures.example/a.png", "javascript:alert(1)"]) assert.deepEqual(portrait({ twitchProfilePic: picture }, "some_One").children, ["S"]);
});
