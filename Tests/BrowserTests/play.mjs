// Plays the casino page in headless Chromium and checks that it keeps what it promises.
//
//   node play.mjs URL [--engine Scripts/engines/bingo.lua] [--screenshots DIR WIDTH,WIDTH,…]
//
// --engine: also changes the engine and a manifest on disk (the server must watch them, with debug on) and puts them back.
// Prints one line per check; exit status 0 when all hold.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { check, expect, expectNoSidewaysScrolling, option, run } from "./checks.mjs";
import * as pictures from "./pictures.mjs";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node play.mjs URL [--engine FILE] [--screenshots DIR WIDTHS]");
  process.exit(2);
}
const engine = option("--engine");

let page;

async function picture(name) {
  if (!pictures.wanted) return;
  await pictures.take(page, name, { height: (width) => width < 500 ? 740 : width < 1000 ? 1000 : 900, calm: 700 });
  await page.size(1280, 860);
}

// What the page shows …
const shownId = () => page.evaluate("document.querySelector('main').dataset.state");
const shownCredits = () => page.evaluate("Number(document.querySelector('#credits').dataset.value)");
const ballsShown = () => page.evaluate("document.querySelectorAll('.slot.ball').length");
const ready = (what) => page.until(what, "document.querySelector('.bingo')?.dataset.phase === 'ready' && !document.querySelector('.primary').disabled");
const stateName = (name) => page.until(`state ${name}`, `document.querySelector('main').dataset.stateName === '${name}'`);
// … and what the server said.
const game = () => page.last().gamestate;
const credits = () => page.last().wallet.credits;
const newState = (id) => page.until("a new state", () => game() && game().id !== id && game());

/** The credits shown and the state shown must be those of the server's last message. */
async function agrees() {
  await page.until("the state id", `document.querySelector('main').dataset.state === ${JSON.stringify(game().id)}`);
  expect(await shownCredits() === credits(), `credits shown ${await shownCredits()}, sent ${credits()}`);
}

async function skipDraw() {
  await page.evaluate("document.activeElement?.blur()");
  await page.press("s");
  await ready("the end of the draw");
}

async function lobbyChecks() {
  await check("the page connects and shows the lobby", async () => {
    await page.open(url);
    await page.until("a connection", "document.querySelector('#status').dataset.phase === 'online'");
    await page.until("the bingo tile", "document.querySelector('.tile[data-game=joker_bingo]')");
    expect(await shownCredits() === credits(), "credits");
    await picture("lobby");
    return `${credits()} credits`;
  });
  await check("a chosen game opens with four cards of fifteen numbers", async () => {
    await page.click(".tile[data-game=joker_bingo]");
    await stateName("idle");
    expect(await page.evaluate("document.querySelectorAll('.card').length") === 4, "cards");
    expect(await page.evaluate("new Set([...document.querySelectorAll('.card td')].map((e) => e.textContent)).size") === 60, "60 numbers");
    await agrees();
    await picture("idle");
  });
}

async function roundChecks() {
  await check("a bet costs its stake at once and makes a new state", async () => {
    const before = credits();
    const id = await shownId();
    await page.click(".primary");
    const state = await newState(id);
    expect(state.name === "game" && state.id !== id, "state game with another id");
    expect(credits() === before - state.data.bet, "credits less the stake");
    await agrees();
    return `bet ${state.data.bet}`;
  });
  await check("the balls come one after the other, and hits are marked", async () => {
    await page.until("a draw in progress", "document.querySelector('.bingo').dataset.phase === 'drawing' && document.querySelectorAll('.slot.ball').length > 2");
    expect(await ballsShown() < 30, "all balls at once");
    if (pictures.wanted) await picture("drawing");
    await ready("the end of the draw");
    expect(await ballsShown() === 30, `${await ballsShown()} balls`);
    expect(await page.evaluate("document.querySelectorAll('.card td.hit').length") === 30, "30 marked numbers");
    await picture("drawn");
  });
  await check("an extra ball costs its price", async () => {
    const { id, data } = game();
    const before = credits();
    await page.click(".extra.button");
    const state = await newState(id);
    expect(credits() === before - data.extra_cost, "credits less the price");
    expect(state.data.balls.length === 31, "31 balls");
    await ready("the extra ball");
    expect(await ballsShown() === 31, "31 balls shown");
    await agrees();
    await picture("extra");
    return `price ${data.extra_cost}`;
  });
  await check("leaving during a round is refused with advice", async () => {
    const id = game().id;
    await page.press("Escape");
    await page.until("a toast", "document.querySelector('.toast')?.textContent.includes('collect')");
    expect(await shownId() === id, "same state");
    await picture("toast");
    await page.evaluate("document.querySelectorAll('.toast .x').forEach((x) => x.click())");
  });
  await check("a lost connection comes back with the round as it was", async () => {
    const id = game().id;
    const count = page.frames.length;
    await page.evaluate("window.dispatchEvent(new Event('offline'))");
    await page.until("the lost connection to show", "document.querySelector('#status').dataset.phase !== 'online'");
    await page.until("the restored state", () => page.frames.slice(count).some(({ message }) => message.gamestate?.id === id));
    await ready("buttons");
    expect(await shownId() === id && await ballsShown() === 31, "same state id, same balls");
  });
  await check("reloading the page restores the round", async () => {
    const id = game().id;
    await page.call("Page.reload");
    await page.until("the state", `document.querySelector('main')?.dataset.state === ${JSON.stringify(id)}`);
    await ready("buttons");
    expect(await ballsShown() === 31, "31 balls");
  });
  await check("collecting pays the winnings and ends the round", async () => {
    const { id, data } = game();
    const before = credits();
    await page.click(".collect");
    const state = await newState(id);
    expect(state.name === "idle" && credits() === before + data.total_winnings, "credits plus the winnings");
    await agrees();
    return `won ${data.total_winnings}`;
  });
  await check("a jackpot is told when the draw has been shown, until the round is over", async () => {
    const lines = await page.evaluate(`(async () => {
      const { view } = await import("/static/js/bingo/view.js");
      const { gamestate } = globalThis.session.state;
      const made = view({ game: { id: "joker_bingo", title: "Bingo", effective: {} }, act() {}, format: String, notices: { announce() {} }, newPlayer: null });
      const line = () => (made.jackpot.hidden ? "" : made.jackpot.textContent);
      const show = (name, more) => {
        made.update({ gamestate: { id: "x", name, actions: ["end"], data: { ...gamestate.data, ...more } }, wallet: { credits: 5 } }, { first: true, blocked: () => false });
        made.balls.skip();
        return line();
      };
      const round = { balls: [1, 2, 3], bet: 4, total_winnings: 0, patterns: [], winnings: [] };
      const all = [show("game", { ...round, jackpot: 1234 }), show("game", { ...round, balls: [4, 5, 6] }), show("game", { ...round, jackpot: 7 }), show("idle", {})];
      made.dispose();
      return all;
    })()`);
    expect(lines.join("|") === "Jackpot! 1234 are yours already.||Jackpot! 7 are yours already.|", lines.join("|"));
  });
}

async function keyboardChecks() {
  await check("N deals new cards", async () => {
    const before = JSON.stringify(game().data.cards);
    const id = game().id;
    await page.press("n");
    const state = await newState(id);
    expect(JSON.stringify(state.data.cards) !== before, "other cards");
  });
  await check("+ raises the bet by the number of cards, − lowers it", async () => {
    const shown = () => page.evaluate("Number(document.querySelector('.bet-amount output').textContent)");
    const before = await shown();
    await page.press("+");
    expect(await shown() === before + 4, "4 more");
    await page.press("-");
    expect(await shown() === before, "as before");
  });
  await check("B bets, S skips the draw, B plays the next round", async () => {
    await page.press("b");
    await stateName("game");
    await skipDraw();
    const { id, data } = game();
    const before = credits();
    const count = page.frames.length;
    await page.press("b");
    const states = () => page.frames.slice(count).filter(({ sent, message }) => !sent && message.t === "state").map(({ message }) => message);
    await page.until("two states", () => states().length === 2);
    const [idle, next] = states();
    expect(idle.gamestate.name === "idle" && idle.wallet.credits === before + data.total_winnings, "the old round is paid");
    expect(next.gamestate.name === "game" && next.gamestate.id !== id, "a new round");
    expect(next.wallet.credits === idle.wallet.credits - next.gamestate.data.bet, "the new stake");
    await skipDraw();
    await page.press("c");
    await stateName("idle");
  });
  await check("a double click bets once", async () => {
    const before = credits();
    const id = game().id;
    await page.evaluate("(() => { const b = document.querySelector('.primary'); b.click(); b.click(); b.click() })()");
    const state = await newState(id);
    await skipDraw();
    expect(credits() === before - state.data.bet && game().id === state.id, "one stake");
    await page.press("c");
    await stateName("idle");
  });
}

/** Replaces the engine's file as an editor does: a new text under the same name. */
const write = (text) => writeFileSync(engine, text);

async function reloadChecks() {
  const original = readFileSync(engine, "utf8");
  const draw = "ctx.random:sample(settings.numbers, settings.draw)";
  // The project of the engine: Scripts/engines/bingo.lua lies in it.
  const manifest = join(dirname(engine), "../../games/joker_bingo/manifest.json");
  const settings = readFileSync(manifest, "utf8");
  const bets = async (count) => {
    await page.evaluate("document.activeElement?.blur()");
    const id = game().id;
    await page.press("b");
    await page.until(`a round of ${count} balls`, () => game().id !== id && game().name === "game" && game().data.balls.length === count);
    await skipDraw();
  };
  const reloads = () => page.frames.filter(({ message }) => message.which === "engine" && message.message?.what === "reloaded").length;
  try {
    await check("a saved rule plays from the next bet on; the round and the socket stay", async () => {
      await bets(30);
      const id = game().id;
      const starts = page.frames.filter(({ message }) => message.auth).length;
      const before = reloads();
      expect(settings.includes('"draw": 30'), "the game's settings have changed: adapt this test");
      writeFileSync(manifest, settings.replace('"draw": 30', '"draw": 31'));
      await page.until("the notice", "document.querySelector('.notice[data-kind=good]')");
      await page.until("the message", () => reloads() > before);
      expect(await shownId() === id, "the round is still there");
      await picture("reloaded");
      await bets(31);
      expect(page.frames.filter(({ message }) => message.auth).length === starts, "no new connection");
    });
    await check("an engine that its specs forbid is shown with the spec, and the last good one plays on", async () => {
      expect(original.includes(draw), "the engine's text has changed: adapt this test");
      write(original.replace(draw, draw.replace("settings.draw", "settings.draw + 1")));
      const text = await page.until("the error", "document.querySelector('.notice[data-kind=bad] pre')?.textContent");
      // Where the engine asks for what the spec does not give, and the spec's name.
      expect(/engines\/bingo\.lua:\d+: \w+: random:sample\(60, 6\)/.test(text), text);
      await bets(31);
      return text.split("\n")[0];
    });
    await check("a broken engine is shown with file and line, and the last good one plays on", async () => {
      write(original.replace(/\nend\n\nreturn M\s*$/, "\n\nreturn M\n"));
      const text = await page.until("the error", `(() => {
        const text = document.querySelector('.notice[data-kind=bad] pre')?.textContent ?? "";
        return /bingo\\.lua:\\d+/.test(text) && text;
      })()`);
      const headline = await page.until("its headline", "document.querySelector('.notice[data-kind=bad] h2')?.textContent");
      expect(headline.endsWith("the new version did not load"), headline);
      await picture("error");
      await bets(31);
      return text.split("\n")[0];
    });
    await check("a toast lies over no notice, and both are on the screen", async () => {
      await page.press("Escape");
      await page.until("the advice", "document.querySelector('.toast')?.textContent.includes('collect')");
      await picture("error-and-toast");
      for (const [width, height] of [[360, 740], [1280, 860]]) {
        await page.size(width, height);
        // Once both have come to rest.
        const lies = await page.evaluate(`(async () => {
          const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
          await Promise.allSettled(moving.map((one) => one.finished));
          const boxes = (name) => [...document.querySelectorAll(name)].map((one) => one.getBoundingClientRect());
          const notices = boxes(".notice").map((box) => ({ top: box.top, bottom: Math.min(box.bottom, document.querySelector("#notices").getBoundingClientRect().bottom) }));
          const toasts = boxes(".toast");
          return toasts.length && notices.length
            && toasts.every((toast) => toast.bottom <= innerHeight && toast.height > 20 && notices.every((notice) => toast.top >= notice.bottom || toast.bottom <= notice.top)) || JSON.stringify({ notices, toasts });
        })()`);
        expect(lies === true, `${width}: ${lies}`);
      }
      await page.evaluate("document.querySelectorAll('.toast .x').forEach((x) => x.click())");
    });
    await check("an action that fails in the running version is shown as that, with its line", async () => {
      // Specs play at the beginning of time.
      const bet = "function M.actions.bet(state, params, ctx)\n";
      expect(original.includes(bet), "the engine's text has changed: adapt this test");
      write(original.replace(bet, `${bet}  if ctx.now > 0 then error("no bets today") end\n`));
      await page.until("the reload", "!document.querySelector('.notice[data-kind=bad]')");
      const id = game().id;
      await page.press("b");
      const headline = await page.until("the headline", "document.querySelector('.notice[data-kind=bad] h2')?.textContent");
      const text = await page.evaluate("document.querySelector('.notice[data-kind=bad] pre').textContent");
      expect(headline.endsWith("the running version fails in this action"), headline);
      expect(/action bet: .*bingo\.lua:\d+: .*no bets today/.test(text), text);
      expect(game().id === id && await shownId() === id, "nothing was changed");
      return text.split("\n")[0];
    });
    await check("a game that never loaded is shown as that, until it does", async () => {
      const folder = join(dirname(engine), "../../games/unborn");
      mkdirSync(folder);
      try {
        writeFileSync(join(folder, "manifest.json"), '{"id": "unborn", "title": "Unborn"}');
        writeFileSync(join(folder, "engine.lua"), "return nothing\n");
        const headline = await page.until("the headline", "document.querySelector('.notice[data-game=unborn] h2')?.textContent");
        expect(headline.endsWith("does not load"), headline);
        writeFileSync(join(folder, "engine.lua"),
          "return { init = function() return { name = 'a', data = {}, actions = {} } end, actions = {} }\n");
        await page.until("no error", "!document.querySelector('.notice[data-game=unborn][data-kind=bad]')");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  } finally {
    await check("a good engine takes the error away", async () => {
      const before = reloads();
      writeFileSync(manifest, settings);
      write(original);
      await page.until("the message", () => reloads() > before);
      await page.until("no error", "!document.querySelector('.notice[data-kind=bad]')");
      await bets(30);
      await page.press("c");
      await stateName("idle");
    });
  }
}

async function jackpotChecks() {
  await check("a jackpot that is won is told to whoever looks at the site, when the draw has been seen", async () => {
    await page.evaluate("localStorage.setItem('nightjar.uid', 'jackpot-night'), localStorage.setItem('nightjar.bet.joker_bingo', 200)");
    await page.open(new URL("/demo/portal?site=night#joker_bingo", url).href);
    await stateName("idle");
    const won = () => page.frames.find(({ sent, message }) => !sent && message.which === "jackpot" && message.message.what === "won");
    const toast = () => page.evaluate("document.querySelector('.toast')?.textContent");
    // The smallest one is won by the fifth bet at the latest.
    for (let bet = 1; bet <= 5 && !won(); bet++) {
      await ready("buttons");
      const id = game()?.id;
      await page.press("b");
      await newState(id);
      // It comes a moment after the state.
      await page.evaluate("new Promise((done) => setTimeout(done, 300))");
      if (won()) expect(!await toast(), "told before the draw was seen");
      await skipDraw();
    }
    const text = await page.until("the news", "document.querySelector('.toast[data-kind=info]')?.textContent.includes('was won') && document.querySelector('.toast').textContent");
    expect(text.startsWith("The jackpot night · mini was won: "), text);
    await picture("jackpot");
    await page.evaluate("localStorage.removeItem('nightjar.bet.joker_bingo'), localStorage.removeItem('nightjar.uid')");
    await page.open(url);
    await page.until("a tile", "document.querySelector('.tile[data-game=joker_bingo]')");
    await page.click(".tile[data-game=joker_bingo]");
    await stateName("idle");
  });
}

async function otherChecks() {
  await check("no sideways scrolling from 360 pixels on, and every button has a name", async () => {
    await expectNoSidewaysScrolling(page);
    await page.size(1280, 860);
    expect(await page.evaluate("[...document.querySelectorAll('button')].every((b) => b.textContent.trim() || b.getAttribute('aria-label') || b.querySelector('img[alt]'))"), "names");
  });
  await check("leaving returns to the lobby", async () => {
    await page.click("#home");
    await page.until("the lobby", "document.querySelector('main').dataset.view === 'lobby' && document.querySelector('.tile')");
    expect(page.last().gamestate === undefined, "no game running");
  });
  await check("a game without a view of its own is playable", async () => {
    await page.click(".tile[data-game=coin_toss]");
    await stateName("idle");
    const before = credits();
    const id = game().id;
    await page.click("form[data-action=toss] button");
    const state = await newState(id);
    expect(credits() === before - 5, "the stake");
    await page.until("the state on the page", `document.querySelector('main').dataset.state === ${JSON.stringify(state.id)}`);
    await picture("generic");
    if (state.name === "won") {
      await page.click("form[data-action=take] button");
      await newState(state.id);
      expect(credits() === before + 5, "the pot");
    }
    await page.click("#home");
    await page.until("the lobby", "document.querySelector('main').dataset.view === 'lobby'");
    return state.name === "won" ? "won" : "lost";
  });
  await check("an unknown site is a page that says so", async () => {
    const reply = await fetch(new URL("/demo/portal?site=%3Cnowhere%3E", url));
    const text = await reply.text();
    expect(reply.status === 404 && text.includes("&lt;nowhere&gt;") && !text.includes("<nowhere>"), `status ${reply.status}`);
  });
  await check("the browser complains about nothing", async () => {
    expect(page.problems.length === 0, page.problems.join(" | "));
  });
}

await run(async (browser) => {
  page = await browser.page();
  await page.size(1280, 860);
  await lobbyChecks();
  await roundChecks();
  await keyboardChecks();
  if (engine) await reloadChecks();
  await jackpotChecks();
  await otherChecks();
});
