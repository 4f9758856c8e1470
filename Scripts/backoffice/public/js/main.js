// The back office's page: looks at the books every few seconds while somebody looks at it.
import { $, h, show } from "../../lib/dom.js";
import { toast, watch } from "../../lib/watch.js";
import { get, post, token } from "./api.js";
import { jackpots } from "./jackpots.js";
import { overview } from "./overview.js";
import { onePlayer, players, sessions } from "./people.js";
import { oneRound, rounds } from "./rounds.js";
import { empty, panel } from "./tables.js";

/** Milliseconds between two looks. */
const INTERVAL = 3000;

async function block(id, blocked) {
  try {
    await post(`players/${encodeURIComponent(id)}/blocked`, { blocked });
    toast(blocked ? "Blocked: the next session is refused." : "May play again.");
    look();
  } catch {
    toast("The server does not answer; nothing was changed.");
  }
}

/** Each view: what it asks for, and what it makes of the answer. */
const VIEWS = {
  "": { title: "Overview", ask: () => get("overview"), make: overview },
  rounds: { title: "Rounds", ask: (_, query) => get("rounds", query), make: rounds },
  round: { title: "Round", tab: "rounds", ask: (id) => get(`rounds/${encodeURIComponent(id)}`), make: oneRound },
  players: { title: "Players", ask: () => get("players"), make: players },
  player: {
    title: "Player", tab: "players",
    ask: async (id) => {
      const [player, played] = await Promise.all([get(`players/${encodeURIComponent(id)}`), get("rounds", { player: id })]);
      return player && { player, played };
    },
    make: ({ player, played }) => onePlayer(player, played, block),
  },
  sessions: { title: "Sessions", ask: (_, query) => get("sessions", query), make: sessions },
  jackpots: { title: "Jackpots", ask: () => get("jackpots"), make: jackpots },
};

/** "#/round/ID?x=y" → view, id, query. */
function place() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const query = Object.fromEntries(new URLSearchParams(search));
  return { name: VIEWS[name] ? name : "", id: decodeURIComponent(rest.join("/")), query };
}

function mark(name) {
  const current = `#/${VIEWS[name].tab ?? name}`;
  for (const link of $("tabs").querySelectorAll("a")) {
    if (link.getAttribute("href") === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${VIEWS[name].title} · Back office · Nightjar`;
}

const NOTHING = () => [panel("Nothing here", empty("The books know nothing of this id."))];

const look = watch({
  token, interval: INTERVAL, hidden: [$("view"), $("tabs")],
  async look(isLate) {
    const { name, id, query } = place();
    mark(name);
    const answer = await VIEWS[name].ask(id, query);
    if (isLate()) return;  // somebody has gone elsewhere meanwhile
    show($("view"), [location.hash, answer], () => (answer ? VIEWS[name].make(answer, query) : NOTHING()));
    $("view").hidden = false;
    $("tabs").hidden = false;
    return "Live";
  },
});

$("find").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("find-text").value.trim();
  if (!text) return;
  try {
    const found = await get("find", { text });
    if (found) location.hash = `#/${found.kind}/${encodeURIComponent(found.id)}`;
    else toast(`Neither a round nor a player is called ${text}.`);
  } catch {
    toast("The server does not answer.");
  }
});

window.addEventListener("hashchange", () => {
  $("view").replaceChildren(h("p", { class: "note" }, "Looking …"));
  delete $("view").dataset.shown;
  look();
});
