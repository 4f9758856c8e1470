// Toasts (something went wrong and what to do) and notices (an engine was reloaded, a script has an error).
import { h } from "./dom.js";

const TOAST_MS = 6000;
const TOASTS_MAX = 3;
const NOTICE_MS = 9000;

// What a player can do about an error; codes that are missing here show the server's own words.
const ADVICE = {
  insufficient_funds: "Not enough credits for that. Choose a lower bet.",
  stale_state: "The round had already moved on. This is how it stands now.",
  action_not_allowed: "That is not possible at this moment of the game.",
  finish_refused: "The round is still running: collect it first, then leave.",
  game_running: "Another round is still running: finish it first.",
  unknown_game: "This site does not offer that game.",
  no_game: "That game is no longer open. Choose it again in the lobby.",
  internal: "The game could not do that, and nothing was changed. Try again in a moment.",
  auth_failed: "The server did not accept this player.",
  unknown_site: "The server does not know this site. Check the address.",
  not_started: "The page lost its session. Reload the page.",
  bad_message: "The page and the server misunderstood each other. Reload the page.",
};

// What an error in a game's script means for whoever is playing it.
const ENGINE_ERRORS = {
  load: [
    "the new version did not load",
    "The last version goes on. This goes away when a version that loads is saved.",
  ],
  first_load: [
    "does not load",
    "There is no version that can be played yet. This goes away when one that loads is saved.",
  ],
  action: [
    "the running version fails in this action",
    "Nothing was changed, and trying again fails again. This goes away when a mended version is saved.",
  ],
};

export class Notices {
  constructor({ toasts, notices, live }) {
    this.toasts = toasts;
    this.notices = notices;
    this.live = live;
  }

  /** Says something to screen readers. */
  announce(text) {
    this.live.textContent = text;
  }

  toast(text, kind = "error") {
    const close = () => toast.remove();
    const toast = h("div", { class: "toast", dataset: { kind } },
      h("span", {}, text),
      h("button", { type: "button", class: "x", "aria-label": "Dismiss", onclick: close }, "×"));
    while (this.toasts.children.length >= TOASTS_MAX) this.toasts.firstChild.remove();
    this.toasts.append(toast);
    setTimeout(close, TOAST_MS);
  }

  /** Shows a server's error message. */
  error({ code, message }) {
    const advice = ADVICE[code];
    this.toast(advice ?? (message ? `${message[0].toUpperCase()}${message.slice(1)}.` : `Error: ${code}`));
  }

  /** @param {boolean} inRound the player has a round of this game on the table */
  engineReloaded(title, game, generation, inRound) {
    this.notices.querySelectorAll(`[data-game="${CSS.escape(game)}"]`).forEach((old) => old.remove());
    const notice = this.#notice("good", game, `${title} was reloaded`,
      h("span", {}, `Generation ${generation} plays from here on. You stayed connected${inRound ? ", and your round is still here" : ""}.`));
    setTimeout(() => notice.remove(), NOTICE_MS);
    this.announce(`${title} was reloaded.`);
  }

  /** @param {"load" | "first_load" | "action"} during what failed: the new version, or the one that plays */
  engineError(title, game, during, text) {
    this.notices.querySelectorAll(`[data-game="${CSS.escape(game)}"]`).forEach((old) => old.remove());
    const [headline, advice] = ENGINE_ERRORS[during] ?? ENGINE_ERRORS.action;
    this.#notice("bad", game, `${title}: ${headline}`, h("pre", {}, text), h("span", {}, advice));
    this.announce(`${title}: ${headline}. ${text}`);
  }

  /** What is odd about the site's file. */
  siteWarning(text) {
    this.#notice("bad", "", "The site's file is not quite right", h("pre", {}, text));
  }

  #notice(kind, game, title, ...body) {
    const notice = h("section", { class: "notice", dataset: { kind, game } },
      h("h2", {}, title), ...body,
      h("button", { type: "button", class: "x", "aria-label": "Dismiss", onclick: () => notice.remove() }, "×"));
    this.notices.append(notice);
    return notice;
  }
}
