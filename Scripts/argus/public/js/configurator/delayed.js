// An address with a delay carries a key of its own: it opens with this delay and no other, so that who has the address cannot look
// ahead by writing another delay into it. The server makes it of the channel's key.

/** A form that is being typed into shall not ask for every digit. */
const PAUSE_MS = 250;

export class DelayedKeys {
  #ask;
  #changed;
  #known = new Map();
  #asked = "";

  /** `ask(channel, key, delay)` gives {key} or {problem, refused}; `changed` is called when an answer has come. */
  constructor(ask, changed) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** {key, problem}: the key that the address carries. No key: it is not there yet, or cannot be had. */
  of({ channel, key, delay }) {
    if (!channel || !key || delay === 0) return { key };
    const name = `${channel} ${key} ${delay}`;
    if (this.#known.has(name)) return this.#known.get(name);
    if (name !== this.#asked) {
      this.#asked = name;
      setTimeout(() => this.#fetch(name, channel, key, delay), PAUSE_MS);
    }
    return {};
  }

  async #fetch(name, channel, key, delay) {
    if (name !== this.#asked) return;
    const answer = await this.#ask(channel, key, delay);
    if (name !== this.#asked) return;
    // A key that the server refuses opens nothing, so the address may keep it; what failed for another reason is asked again later.
    this.#known.set(name, answer.problem ? { key: answer.refused ? key : undefined, problem: answer.problem } : { key: String(answer.key) });
    this.#changed(this.#known.get(name));
    if (answer.problem && !answer.refused) this.#known.delete(name);
    this.#asked = "";
  }
}
