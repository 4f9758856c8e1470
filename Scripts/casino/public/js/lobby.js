// The lobby: the games of the site.
import { h } from "./dom.js";

/** What a player may be told by the clock. */
function greeting(hour = new Date().getHours()) {
  if (hour < 5) return "Good night";
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}

function tile(game, open) {
  const go = h("button", { type: "button", class: "tile-go", "aria-label": `Play ${game.title}`, onclick: () => open(game.id) }, "Play");
  return h("li", { class: "tile", dataset: { game: game.id } },
    h("img", { src: game.cover ?? "/static/img/cover.svg", alt: "", width: 320, height: 200 }),
    h("h2", { class: "tile-title" }, game.title),
    h("p", { class: "tile-text" }, game.description ?? "A game of this house."),
    game.pck && h("p", { class: "tile-pck" }, h("a", { href: game.pck, download: "", title: "For a lobby made with Godot" }, "Package (.pck)")),
    go);
}

/** @param {{games: {id, title, description, cover, pck}[], open: (id: string) => void}} options */
export function lobby({ games, open }) {
  const element = h("div", { class: "lobby" },
    h("h1", {}, greeting()),
    h("p", { class: "lead" }, "The tables are open. Which one shall it be?"),
    games.length ? h("ul", { class: "tiles" }, games.map((game) => tile(game, open))) : h("p", {}, "This site offers no games yet."));
  return { element, update() {}, dispose() {}, key() { return false; } };
}

/** The name of the game that is open, as a menu of the others. */
export function gameMenu({ games, current, open }) {
  if (games.length < 2) return h("span", {}, current.title);
  const menu = h("details", { class: "menu" },
    h("summary", { "aria-label": `${current.title}: choose another game` }, current.title),
    h("ul", {}, games.map((game) => h("li", {},
      h("button", { type: "button", dataset: { game: game.id }, "aria-current": game.id === current.id ? "true" : null, onclick: () => { menu.open = false; if (game.id !== current.id) open(game.id); } },
        h("img", { src: game.cover ?? "/static/img/cover.svg", alt: "", width: 48, height: 30 }), game.title)))));
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
    event.stopPropagation(); // else the page would leave the game
  });
  return menu;
}
