// The mapping in use on the server: names of what is not active, and whose a boon is. The browser keeps it and asks only whether it
// has changed.

/** An operator may edit the mapping while we run; so often it is asked for again, and only when something came. */
const AGE_MS_MAX = 60_000;

export class Mapping {
  value = null;
  #asked = -Infinity;
  #changed;

  constructor(changed) { this.#changed = changed; }

  async refresh(now = performance.now()) {
    if (now - this.#asked < AGE_MS_MAX) return;
    this.#asked = now;
    try {
      const answer = await fetch("mapping", { cache: "no-cache", credentials: "omit" });
      if (!answer.ok) return;
      const text = await answer.text();
      if (text === this.text) return;
      this.text = text;
      this.value = JSON.parse(text);
      this.#changed();
    } catch { /* The page works without it: names of what is not active stay those that were written down here. */ }
  }
}
