// The lobby: the games of the site.
import { h } from "./dom.js";

/** @param {{games: {id, title, manifest}[], open: (id: string) => void}} options */
export function lobby({ games, open }) {
  const tile = (game) => {
    const cover = game.manifest?.cover ? `/game/${game.id}/${game.manifest.cover}` : "/static/img/cover.svg";
    return h("li", {},
      h("button", { type: "button", class: "tile", dataset: { game: game.id }, onclick: () => open(game.id) },
        h("img", { src: cover, alt: "", width: 320, height: 200 }),
        h("span", { class: "tile-title" }, game.title),
        h("span", { class: "tile-text" }, game.manifest?.description ?? "A game of this house."),
        h("span", { class: "tile-go" }, "Play")));
  };
  const element = h("div", { class: "lobby" },
    h("h1", {}, "Good evening"),
    h("p", { class: "lead" }, "The moon is up and the tables are open. Which one shall it be?"),
    games.length ? h("ul", { class: "tiles" }, games.map(tile)) : h("p", {}, "This site offers no games yet."));
  return { element, update() {}, dispose() {}, key() { return false; } };
}
