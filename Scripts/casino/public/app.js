// The page: connects the session with the view of the moment (the lobby or a game).
import { Session, formatCredits } from "./client/nightjar.js";
import { genericView } from "./js/generic.js";
import { Notices } from "./js/notices.js";
import { Player } from "./js/player.js";
import { Purse } from "./js/money.js";
import { gameMenu, lobby } from "./js/lobby.js";
import { viewOf, wear } from "./js/views.js";

// What the portal says: title, site, platform, user, wsPath, games, jackpots, debug, warnings.
const config = document.body.dataset;
const part = (id) => document.getElementById(id);
const main = part("main");
const notices = new Notices({ toasts: part("toasts"), notices: part("notices"), live: part("live") });
const purse = new Purse(part("credits"));
const player = new Player(JSON.parse(config.user));

/** The socket's address: what the portal says, as seen from this page. */
function socketAddress() {
  const address = new URL(config.wsPath, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

const fromHash = () => decodeURIComponent(location.hash.slice(1)) || null;

const session = new Session({
  url: socketAddress(), platform: config.platform, site: config.site, auth: () => player.auth(), game: fromHash(),
});

globalThis.session = session; // for the browser's console, see README.md

const games = new Map(JSON.parse(config.games).map((game) => [game.id, game]));
const offered = [...games.values()];
for (const text of JSON.parse(config.warnings)) notices.siteWarning(text);
let view = null;
let viewGame = null; // id of the game shown, null for the lobby

/** Reads a game's manifest again; the page's list and the site's own settings are the base. */
async function readManifest(id) {
  const game = games.get(id) ?? { id, title: id, settings: {} };
  games.set(id, game);
  try {
    const reply = await fetch(`/game/${encodeURIComponent(id)}/manifest.json`, { cache: "no-cache" });
    if (!reply.ok) return;
    game.manifest = await reply.json();
    game.title = game.manifest.title ?? game.title;
    game.effective = { ...game.manifest.settings, ...game.settings };
  } catch {
    // Offline: what we know already will do.
  }
}

const blocked = () => session.busy || !session.online;

/** Sends an action for the state on screen: of two clicks on the same state only one can succeed. */
function act(action, params) {
  const sent = session.act(action, params);
  if (sent) view?.refresh?.();
  return sent;
}

function remember(id) {
  if (id !== fromHash()) history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : location.pathname + location.search);
}

function open(id) {
  if (session.load(id)) return view?.refresh?.();
  notices.toast(session.online ? "One moment: an answer is still on its way." : "There is no connection at the moment. The game opens as soon as it is back.", "info");
}

function show(id, made, styles = []) {
  view?.dispose();
  view = made;
  wear(styles);
  viewGame = id;
  main.replaceChildren(view.element);
  main.dataset.view = id ?? "lobby";
  const game = games.get(id);
  part("where").replaceChildren(...(id ? [gameMenu({ games: offered, current: game, open })] : []));
  document.title = id ? `${game.title} – ${config.title}` : config.title;
  part("home").disabled = !id;
  part("leave").hidden = !id;
  document.body.dataset.view = main.dataset.view;
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

function showLobby() {
  delete main.dataset.state;
  delete main.dataset.stateName;
  remember(null);
  if (viewGame === null && view) return;
  show(null, lobby({ games: offered, open }));
}

const complain = (game) => (problem) => notices.toast(`The page of ${game.title} cannot be shown: ${problem}`);

const optionsOf = (game) => ({
  game, act, notices, format: (credits) => formatCredits(credits, session.state.wallet), newPlayer: player.isKnown ? null : becomeNewPlayer, settled: showPurse,
});

/** Shows a state. A view that fails at it is told, and the game goes on with the one for any game. */
function update(message, first) {
  try {
    view.update(message, { first, blocked });
  } catch (error) {
    console.error(error);
    const game = games.get(viewGame);
    complain(game)(error.message);
    show(viewGame, genericView(optionsOf(game)));
    view.update(message, { first: true, blocked });
  }
}

async function showGame(message, first) {
  const id = message.curr_game;
  if (!games.get(id)?.manifest) await readManifest(id);
  if (viewGame !== id) {
    const game = games.get(id);
    const { make, styles } = await viewOf(game, complain(game));
    if (session.state !== message) return; // left again, or a newer state, while files were on their way
    show(id, make(optionsOf(game)), styles);
    first = true;
  }
  remember(id);
  main.dataset.state = message.gamestate.id;
  main.dataset.stateName = message.gamestate.name;
  update(message, first);
  showPurse();
}

/** The balance, less what a view still holds back because the player has not seen how it was won. */
function showPurse() {
  const { wallet } = session.state;
  purse.show({ ...wallet, credits: wallet.credits - (view?.withheld ?? 0) });
}

function becomeNewPlayer() {
  player.forget();
  session.reconnect();
}

function showLevel(userdata) {
  const known = Number.isInteger(userdata?.soc_level);
  part("level").hidden = !known;
  if (!known) return;
  part("level").firstElementChild.textContent = `Level ${userdata.soc_level}`;
  part("level").lastElementChild.value = userdata.soc_level_progress ?? 0;
}

function leave() {
  session.finish();
}

session.on("state", ({ state, first }) => {
  showLevel(state.userdata);
  if (state.gamestate && state.curr_game === viewGame) return showGame(state, first);
  purse.show(state.wallet);
  if (state.gamestate) showGame(state, first);
  else if (session.loading === null) showLobby(); // else the game before has ended, and another one follows
});

session.on("error", (error) => {
  notices.error(error);
  if (!session.state?.gamestate && session.loading === null) showLobby();
  view?.refresh?.();
});

session.on("component", async ({ which, message }) => {
  if (which !== "engine" || !message?.game) return;
  const title = () => games.get(message.game)?.title ?? message.game;
  if (message.what === "error" && config.debug === "true") notices.engineError(title(), message.game, message.during, message.text);
  if (message.what !== "reloaded") return;
  await readManifest(message.game);
  const { state } = session;
  const isShown = viewGame === message.game && state?.gamestate;
  notices.engineReloaded(title(), message.game, message.generation, isShown && state.gamestate.name !== "idle");
  if (!isShown) return;
  view.reloaded?.();
  update(state, true);
});

// Somebody has won a jackpot of the site, perhaps who sits here: a view that still shows the draw has it told when that was seen.
session.on("component", ({ which, message }) => {
  if (which !== "jackpot" || message?.what !== "won") return;
  const name = message.id.replace("/", " · ").replace(/[_-]+/g, " ");
  const tell = () => notices.toast(`The jackpot ${name} was won: ${formatCredits(message.amount, session.state.wallet)}`, "info");
  if (view?.afterwards) view.afterwards(tell);
  else tell();
});

const PHASES = {
  connecting: () => "Connecting …",
  online: () => "Connected",
  waiting: (wait) => (wait === 0 ? "Paused" : wait < 1500 ? "Reconnecting …" : `Offline: next try in ${Math.round(wait / 1000)} s`),
  refused: (_, code) => (code === 4404 ? "The server does not know this site." : "The server did not accept this player."),
};

session.on("phase", ({ phase, wait, code }) => {
  const status = part("status");
  const text = PHASES[phase]?.(wait, code) ?? "";
  status.dataset.phase = phase;
  status.lastElementChild.textContent = text;
  if (phase === "online") for (const to of JSON.parse(config.jackpots ?? "[]")) session.component("jackpot", { what: "subscribe", to });
  if (phase === "refused") notices.toast(`${text} Reload the page to try again.`);
  view?.refresh?.();
});

part("home").addEventListener("click", leave);
part("leave").addEventListener("click", leave);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !view) return;
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing && event.key !== "Escape") return;
  // Space and Enter belong to the button that has the focus.
  if ((event.key === " " || event.key === "Enter") && event.target.closest("button, a, summary")) return;
  if (event.key === "Escape" && viewGame) leave();
  else if (view.key(event.key)) event.preventDefault();
});

await Promise.all([...games.keys()].map(readManifest));
session.start();
