// The page: connects the session with the view of the moment (the lobby or a game).
import { Session } from "./js/session.js";
import { Notices } from "./js/notices.js";
import { Purse, format } from "./js/money.js";
import { lobby } from "./js/lobby.js";
import { genericView } from "./js/generic.js";
import { bingoView } from "./js/bingo/view.js";

const config = document.body.dataset;
const part = (id) => document.getElementById(id);
const main = part("main");
const notices = new Notices({ toasts: part("toasts"), notices: part("notices"), live: part("live") });
const purse = new Purse(part("credits"));
const session = new Session({ path: config.wsPath, site: config.site });

// Engines whose games have a view of their own; every other game gets the generic one.
const VIEWS = { bingo: bingoView };

const games = new Map(JSON.parse(config.games).map((game) => [game.id, game]));
for (const text of JSON.parse(config.warnings)) notices.siteWarning(text);
let view = null;
let viewGame = null; // id of the game shown, null for the lobby
let wanted = decodeURIComponent(location.hash.slice(1)) || null; // the game to be in, also after a lost connection
let last = null; // latest state message
let pending = 0; // timer that runs while an answer of the server is awaited

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

const ANSWER_MS = 10_000;

const blocked = () => pending !== 0 || !session.online;

function answered() {
  clearTimeout(pending);
  pending = 0;
}

function send(message) {
  if (blocked()) return false;
  if (!session.send(message)) return false;
  // No answer is as good as no connection: a new one brings the true state.
  pending = setTimeout(() => session.reconnect(), ANSWER_MS);
  view?.refresh?.();
  return true;
}

/** Sends an action for the state on screen: of two clicks on the same state only one can succeed. */
function act(action, params = {}) {
  return send({ t: "action", action, params, sid: last.gamestate.id });
}

function setWanted(id) {
  wanted = id;
  history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : location.pathname + location.search);
}

function open(id) {
  setWanted(id);
  if (!send({ t: "gameload", gameid: id })) notices.toast("There is no connection at the moment. The game opens as soon as it is back.", "info");
}

function show(id, made) {
  view?.dispose();
  view = made;
  viewGame = id;
  main.replaceChildren(view.element);
  main.dataset.view = id ?? "lobby";
  const title = id ? games.get(id).title : "";
  part("where").textContent = title;
  document.title = title ? `${title} – ${config.title}` : config.title;
  part("home").disabled = !id;
  part("leave").hidden = !id;
  document.body.dataset.view = main.dataset.view;
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

function showLobby() {
  delete main.dataset.state;
  delete main.dataset.stateName;
  setWanted(null);
  if (viewGame === null && view) return;
  show(null, lobby({ games: [...games.values()].filter((game) => game.settings), open }));
}

async function showGame(message) {
  const id = message.curr_game;
  if (!games.get(id)?.manifest) await readManifest(id);
  if (message !== last && !last?.gamestate) return; // left again while the manifest was on its way
  setWanted(id);
  const first = viewGame !== id;
  if (first) {
    const game = games.get(id);
    const make = VIEWS[game.manifest?.engine] ?? genericView;
    show(id, make({ game, act, notices, format: (credits) => format(credits, last.wallet), newPlayer: () => session.becomeNewPlayer() }));
  }
  main.dataset.state = message.gamestate.id;
  main.dataset.stateName = message.gamestate.name;
  view.update(message, { first: first || message.first === true, blocked });
}

function showLevel(userdata) {
  const known = Number.isInteger(userdata?.soc_level);
  part("level").hidden = !known;
  if (!known) return;
  part("level").firstElementChild.textContent = `Level ${userdata.soc_level}`;
  part("level").lastElementChild.value = userdata.soc_level_progress ?? 0;
}

function leave() {
  send({ t: "gamefinish" });
}

session.addEventListener("state", ({ detail: message }) => {
  last = message;
  answered();
  purse.show(message.wallet);
  showLevel(message.userdata);
  if (message.gamestate) showGame(message);
  else if (message.first && wanted) send({ t: "gameload", gameid: wanted });
  else showLobby();
});

session.addEventListener("error", ({ detail: message }) => {
  answered();
  notices.error(message);
  if (message.code === "unknown_game" && !last?.gamestate) showLobby();
  view?.refresh?.();
});

session.addEventListener("component", async ({ detail: { which, message } }) => {
  if (which !== "engine" || !message?.game) return;
  const title = () => games.get(message.game)?.title ?? message.game;
  if (message.what === "error" && config.debug === "true") notices.engineError(title(), message.game, message.during, message.text);
  if (message.what !== "reloaded") return;
  await readManifest(message.game);
  const inRound = viewGame === message.game && last?.gamestate && last.gamestate.name !== "idle";
  notices.engineReloaded(title(), message.game, message.generation, inRound);
  if (viewGame === message.game && last?.gamestate) {
    view.reloaded?.();
    view.update(last, { first: true, blocked });
  }
});

session.addEventListener("phase", ({ detail: { phase, text } }) => {
  const status = part("status");
  status.dataset.phase = phase;
  status.lastElementChild.textContent = text;
  if (phase !== "online") answered();
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
