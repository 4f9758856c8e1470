// The user session: one WebSocket, opened again whenever it is lost.
import { memory } from "./dom.js";

const RETRY_FIRST_MS = 400;
const RETRY_MAX_MS = 10_000;
const RETRY_FACTOR = 1.7;
// A server that starts again has closed all its pages at the same moment (1012); they come back spread over this time.
const RESTART_CODE = 1012;
const RESTART_SPREAD_MS = 2000;

// The server will give the same answer again: no use in trying.
const FINAL_CLOSE_CODES = new Map([
  [4401, "The server did not accept this player."],
  [4404, "The server does not know this site."],
]);

/** A random name for a new player. (crypto.randomUUID is missing on plain-http pages.) */
function newPlayer() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `demo-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Events: "state", "error", "component" (detail: the message), "phase" (detail: {phase, text}). */
export class Session extends EventTarget {
  #socket = null;
  #timer = 0;
  #retry = RETRY_FIRST_MS;
  #phase = "";

  constructor({ path, site }) {
    super();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.url = `${scheme}//${location.host}${path}`;
    this.site = site;
    this.uid = memory.get("uid") || newPlayer();
    memory.set("uid", this.uid);
    window.addEventListener("online", () => this.#reconnectNow());
    window.addEventListener("offline", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#reconnectNow(); });
  }

  get online() {
    return this.#phase === "online";
  }

  /** Begins anew as another player, with a fresh balance. */
  becomeNewPlayer() {
    this.uid = newPlayer();
    memory.set("uid", this.uid);
    this.reconnect();
  }

  /** Drops the connection and opens a new one at once. */
  reconnect() {
    this.#retry = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.start();
  }

  start() {
    this.#setPhase("connecting", "Connecting …");
    const socket = new WebSocket(this.url);
    clearTimeout(this.#timer);
    this.#socket = socket;
    let greeted = false;
    socket.onopen = () => {
      socket.send(JSON.stringify({ auth: { uid: this.uid, token: "", userinfo: {} }, platform: "demo", site: this.site }));
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return; // given up already
      let message;
      try { message = JSON.parse(event.data); } catch { return; }
      if (message.t === "state" && !greeted) {
        greeted = true;
        this.#retry = RETRY_FIRST_MS;
        this.#setPhase("online", "Connected");
        message.first = true;
      }
      this.dispatchEvent(new CustomEvent(message.t, { detail: message }));
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#lost(event.code);
    };
  }

  /** Sends a message; false when there is no connection. */
  send(message) {
    if (!this.online || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #lost(code) {
    this.#socket = null;
    const final = FINAL_CLOSE_CODES.get(code);
    if (final) return this.#setPhase("refused", final);
    // A hidden page need not hold a connection: it comes back when somebody looks at it.
    if (document.hidden) return this.#setPhase("waiting", "Paused");
    const spread = code === RESTART_CODE ? Math.random() * RESTART_SPREAD_MS : 0;
    const wait = spread + this.#retry * (0.75 + Math.random() / 2);
    this.#retry = Math.min(RETRY_MAX_MS, Math.max(RETRY_FIRST_MS, this.#retry) * RETRY_FACTOR);
    this.#setPhase("waiting", wait < 1500 ? "Reconnecting …" : `Offline: next try in ${Math.round(wait / 1000)} s`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), wait);
  }

  #reconnectNow() {
    if (this.#socket || this.#phase === "refused" || this.#phase === "") return;
    clearTimeout(this.#timer);
    this.start();
  }

  #setPhase(phase, text) {
    this.#phase = phase;
    this.dispatchEvent(new CustomEvent("phase", { detail: { phase, text } }));
  }
}
