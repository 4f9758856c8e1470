// One streamer: name, picture, link to the channel, and the run in small.
import { h, show } from "../../../lib/dom.js";
import { panels } from "../run/model.js";
import { empty, updated } from "../run/state.js";
import { panelView } from "../run/views.js";

/** Older than this is worth a warning: a room rarely takes longer. */
const OLD_MS = 5 * 60_000;

/** "just now", "4 minutes ago". */
export function ago(milliseconds) {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  if (minutes < 1) return "just now";
  return minutes === 1 ? "1 minute ago" : `${minutes} minutes ago`;
}

/** Only Twitch's own names go into a link. */
export const linkOf = (name) => (/^\w{1,25}$/.test(name ?? "") ? `https://www.twitch.tv/${name.toLowerCase()}` : null);

/** The person's picture; where there is none that can be shown, the first letter of the name. */
export function portrait(profile, name) {
  const letter = name.slice(0, 1).toUpperCase();
  const url = profile.twitchProfilePic;
  const circle = h("span", { class: "portrait", "aria-hidden": "true" });
  if (typeof url === "string" && url.startsWith("https://")) circle.append(h("img", { src: url, alt: "", referrerpolicy: "no-referrer", onerror: () => circle.replaceChildren(letter) }));
  else circle.append(letter);
  return circle;
}

export class Streamer {
  #head = h("header");
  #chips = h("ul", { class: "chips", "aria-label": "In numbers" });
  #view = panelView("run", "Run");

  constructor() {
    this.element = h("article", { class: "box streamer" }, this.#head, this.#chips, this.#view.element);
  }

  draw(id, entry, mapping, now, lively) {
    const profile = entry.twitchProfile ?? {};
    const name = profile.twitchUsername || `Channel ${id}`;
    const age = ago(now - entry.timestamp);
    const link = linkOf(profile.twitchUsername);
    show(this.#head, [profile, name, age], () => [portrait(profile, name), h("div", { class: "who" },
      h("h2", {}, link ? h("a", { href: link, rel: "noreferrer noopener", target: "_blank" }, name) : name),
      h("span", { class: now - entry.timestamp > OLD_MS ? "quietly old" : "quietly" }, `last room ${age}`))]);
    const all = panels(updated(empty(), entry.runData), mapping);
    const chips = [`${all.run.count} items`, `Fear ${all.vows.count}`, `Grasp ${all.arcana.count}`, all.pins.count !== "0" ? `${all.pins.count} pinned` : null].filter(Boolean);
    show(this.#chips, chips, () => chips.map((text) => h("li", {}, text)));
    this.#view.draw(all, { names: false, "hide-empty": false }, lively);
  }
}
