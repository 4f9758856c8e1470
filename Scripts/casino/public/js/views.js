// Which view shows a game: its own, which lies in its folder; that of its engine; or the one for any game.
import { h } from "./dom.js";
import { genericView } from "./generic.js";

// Engines whose games are shown by a view of this folder.
const SHIPPED = { bingo: "./bingo/view.js", slots: "./slots/view.js" };

// Style sheets of views, by address. Each applies only while a view that names it is shown, so that none need mind the others.
const sheets = new Map();

/** Loads a style sheet once, without applying it; resolves when it is there, or cannot be had. */
function load(address) {
  if (!sheets.has(address)) {
    const link = h("link", { rel: "stylesheet", href: address, media: "not all" });
    const loaded = new Promise((done) => { link.onload = link.onerror = done; });
    sheets.set(address, { link, loaded });
    document.head.append(link);
  }
  return sheets.get(address).loaded;
}

/** Applies these style sheets and no others. */
export function wear(styles) {
  for (const [address, { link }] of sheets) link.media = styles.includes(address) ? "all" : "not all";
}

/** Makes a game's own view; where that fails or has not what a view must have, the view for any game. */
function checked(make, complain) {
  return (options) => {
    try {
      const made = make(options);
      if (!(made?.element instanceof Node)) throw new Error("its view has no element");
      const missing = ["update", "key", "dispose"].find((name) => typeof made[name] !== "function");
      if (missing) throw new Error(`its view has no function named ${missing}`);
      return made;
    } catch (error) {
      console.error(error);
      complain(error.message);
      return genericView(options);
    }
  };
}

/**
 * The function that makes a game's view, and its style sheets, which are loaded.
 * @param {{id: string, manifest?: {view?: string, engine?: string}}} game
 * @param {(problem: string) => void} complain the game's own view cannot be used
 * @returns {Promise<{make: (options: object) => object, styles: string[]}>}
 */
export async function viewOf(game, complain) {
  const { view: own, engine } = game.manifest ?? {};
  const address = own ? new URL(`/game/${encodeURIComponent(game.id)}/${own}`, location.href).href : SHIPPED[engine];
  if (!address) return { make: genericView, styles: [] };
  try {
    const { view: make, styles = [] } = await import(address);
    if (typeof make !== "function") throw new Error("it exports no function named view");
    await Promise.all(styles.map(load));
    return { make: checked(make, complain), styles };
  } catch (error) {
    complain(error.message);
    return { make: genericView, styles: [] };
  }
}
