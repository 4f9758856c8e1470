// Who plays: what the portal has filled in, or a name that this browser keeps.
import { memory } from "./dom.js";

/** A random name for a new player. (crypto.randomUUID is missing on plain-http pages.) */
function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `demo-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export class Player {
  /** @param {{uid: string, token: string, userinfo?: object} | null} known whom the portal has seen; null: anybody */
  constructor(known) {
    this.known = known;
  }

  /** Somebody whom the platform knows; everybody else may be another player whenever they like. */
  get isKnown() {
    return this.known !== null;
  }

  /** For the session's start message. */
  auth() {
    if (this.known) return this.known;
    const uid = memory.get("uid") || newName();
    memory.set("uid", uid);
    return { uid, token: "", userinfo: {} };
  }

  /** Forgets the name: the next one begins with a fresh balance. */
  forget() {
    memory.set("uid", newName());
  }
}
