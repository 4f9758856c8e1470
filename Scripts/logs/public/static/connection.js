// The socket to the server's logs, and what happens when it is lost. Sockets and timers are given, so that time can be tested.

export const RETRY_AFTER_MS = 5000;
export const RETRIES_MAX = 5;
export const PING_EVERY_MS = 3000;
/** A forgotten page does not listen for ever. */
export const LISTEN_MS_MAX = 4 * 60 * 60 * 1000;
/** All pages of a server that starts again come back, and not at the same moment. */
export const RETRY_SPREAD_MS = 2000;
const NORMAL = 1000;
const REFUSED = 1008;

/** Address of the endpoint for a page's address, a room (null: all rooms), and the token for the server's own lines (null: none). */
export function endpoint(page, room, token = null) {
  const url = new URL("logs/listen", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (room !== null) url.searchParams.set("room", room);
  if (token) url.searchParams.set("token", token);
  return url.href;
}

/** The room named in a page's address: `room`, else `roomId`, else null. */
export function roomOf(page) {
  const { searchParams } = new URL(page);
  return searchParams.get("room") || searchParams.get("roomId") || null;
}

const realTime = {
  setTimeout: (body, ms) => setTimeout(body, ms),
  clearTimeout: (id) => clearTimeout(id),
  setInterval: (body, ms) => setInterval(body, ms),
  clearInterval: (id) => clearInterval(id),
};

/** Phases: "connecting", "online", "waiting" (for the next attempt), "ended". */
export class Connection {
  #socket = null;
  #attempts = 0;
  #retry = null;
  #ping = null;
  #limit = null;

  /** @param on {frame(text), status(level, text), phase(name), wrongToken()} */
  constructor({ url, on, open = (address) => new WebSocket(address), time = realTime, random = Math.random }) {
    Object.assign(this, { url, on, open, time, random });
  }

  /** Listens at another address from now on, at once. */
  moveTo(url) {
    this.url = url;
    const socket = this.#socket;
    this.#forget();
    this.time.clearTimeout(this.#retry);
    socket?.close(NORMAL);
    this.#attempts = 0;
    this.start();
  }

  start() {
    this.#limit ??= this.time.setTimeout(() => this.stop("warn", "Closed after 4 hours. Refresh the page to listen again."), LISTEN_MS_MAX);
    this.on.phase("connecting");
    const socket = this.open(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#attempts = 0;
      this.#ping = this.time.setInterval(() => socket.send("ping"), PING_EVERY_MS);
      this.on.phase("online");
      this.on.status("info", "Connected.");
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && typeof data === "string") this.on.frame(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#lost(code, reason);
    };
  }

  /** Ends it for good; with a text, it becomes a status line. */
  stop(level, text) {
    const socket = this.#socket;
    this.#forget();
    this.time.clearTimeout(this.#retry);
    this.time.clearTimeout(this.#limit);
    this.#limit = null;
    socket?.close(NORMAL);
    this.on.phase("ended");
    if (text) this.on.status(level, text);
  }

  #lost(code, reason) {
    this.#forget();
    if (code === REFUSED && reason === "wrong_token") {
      this.stop("error", "The server does not accept this token.");
      return this.on.wrongToken();
    }
    if (code === NORMAL) return this.stop("info", "The server closed the connection. Refresh the page to listen again.");
    if (this.#attempts >= RETRIES_MAX) return this.stop("error", `Connection lost (${code}); ${RETRIES_MAX} attempts failed. Refresh the page to try again.`);
    this.#attempts += 1;
    this.on.phase("waiting");
    const wait = RETRY_AFTER_MS + Math.floor(this.random() * RETRY_SPREAD_MS);
    this.on.status("warn", `Connection lost (${code}). Attempt ${this.#attempts} of ${RETRIES_MAX} in ${Math.round(wait / 1000)} s.`);
    this.#retry = this.time.setTimeout(() => this.start(), wait);
  }

  #forget() {
    this.#socket = null;
    this.time.clearInterval(this.#ping);
  }
}
