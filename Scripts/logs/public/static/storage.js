// What the browser keeps between visits: filters, bookmarks, saved messages. Without storage (private windows) nothing is kept.

/** Characters of saved messages; browsers allow about 5 million for all of a server's pages. */
export const SAVED_CHARACTERS_MAX = 2_000_000;

const PREFIX = "nightjar.logs.";

export class Keep {
  constructor(storage) {
    this.storage = storage;
  }

  /** The text under a name, or null. */
  text(name) {
    try { return this.storage.getItem(PREFIX + name); } catch { return null; }
  }

  /** The value under a name, or null where there is none that can be read. */
  value(name) {
    try { return JSON.parse(this.text(name)); } catch { return null; }
  }

  /** Keeps a text; null removes it. → whether it is kept */
  setText(name, text) {
    try {
      if (text === null) this.storage.removeItem(PREFIX + name);
      else this.storage.setItem(PREFIX + name, text);
      return true;
    } catch {
      return false;
    }
  }

  setValue(name, value) {
    return this.setText(name, JSON.stringify(value));
  }
}

/** The same for as long as the tab is open. */
export function sessionStore() {
  try { return globalThis.sessionStorage; } catch { return null; }
}

/** The browser's storage, or something that keeps nothing where it is forbidden. */
export function browserStorage() {
  try { return globalThis.localStorage; } catch { return null; }
}
