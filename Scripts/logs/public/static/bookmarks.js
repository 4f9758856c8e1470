// Marked lines. They are remembered by key and text, so that the list is there also when the lines are not.
import { short } from "./display.js";

export const BOOKMARKS_MAX = 200;
const TEXT_MAX = 300;
const KEY_LENGTH_MAX = 1000;

export class Bookmarks {
  /** In order of marking: {key, text} */
  list = [];
  #keys = new Set();

  has(entry) {
    // Making a key costs something; most of the time there are no bookmarks at all.
    return this.#keys.size > 0 && this.#keys.has(entry.key);
  }

  /** → how many are new; fewer than asked for when the list is full */
  add(entries) {
    let added = 0;
    for (const entry of entries) {
      if (this.list.length >= BOOKMARKS_MAX) break;
      const { key } = entry;
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      this.list.push({ key, text: short(entry.line, TEXT_MAX) });
      added += 1;
    }
    return added;
  }

  remove(keys) {
    const gone = new Set(keys);
    this.list = this.list.filter(({ key }) => !gone.has(key));
    this.#keys = new Set(this.list.map(({ key }) => key));
  }

  /** The entry that a bookmark stands for, or undefined. */
  static find(key, entries) {
    let numbers;
    try { numbers = JSON.parse(key); } catch { return undefined; }
    const [sequence, serverTime, timestamp] = Array.isArray(numbers) ? numbers : [];
    // The whole key costs something; the numbers tell nearly all entries apart.
    return entries.find((entry) => entry.sequence === sequence && entry.serverTime === serverTime && entry.timestamp === timestamp && entry.key === key);
  }

  saved() {
    return this.list;
  }

  restore(saved) {
    const usable = Array.isArray(saved) ? saved.filter((one) => typeof one?.key === "string" && typeof one.text === "string") : [];
    this.list = usable.slice(0, BOOKMARKS_MAX).map(({ key, text }) => ({ key: key.slice(0, KEY_LENGTH_MAX), text: short(text, TEXT_MAX) }));
    this.#keys = new Set(this.list.map(({ key }) => key));
  }
}
