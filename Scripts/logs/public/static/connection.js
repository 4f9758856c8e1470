// The socket to the server's logs, and what happens when it is lost. Sockets and timers are given, so that time can be tested.

export const RETRY_AFTER_MS = 5000;
export const RETRIES_MAX = 5;
export const PING_EVERY_MS = 3000;
/** A forgotten page does not listen for ever. */
export const LISTEN_MS_MAX = 4 * 60 * 60 * 1000;
const NORMAL = 1000;

/** Address of the endpoint for a page's address and a room (null: all rooms). */
export function endpoint(page, room) {
  const url = new URL("logs/listen", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (room !== null) url.searchParams.set("room", room);
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

  /** @param on {frame(text), status(level, text), phase(name)} */
  constructor({ url, on, open = (address) => new WebSocket(address), time = realTime }) {
    Object.assign(this, { url, on, open, time });
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
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    };
  }

  /** Ends it for good; with a text, it becomes a status line. */
  stop(level, text) {
    const socket = this.#socket;
    this.#forget();
    this.time.clearTimeout(this.#retry);
    this.time.clearTimeout(this.#limit);
    socket?.close(NORMAL);
    this.on.phase("ended");
    if (text) this.on.status(level, text);
  }

  #lost(code) {
    this.#forget();
    if (code === NORMAL) return this.stop("info", "The server closed the connection. Refresh the page to listen again.");
    if (this.#attempts >= RETRIES_MAX) return this.stop("error", `Connection lost (${code}); ${RETRIES_MAX} attempts failed. Refresh the page to try again.`);
    this.#attempts += 1;
    this.on.phase("waiting");
    this.on.status("warn", `Connection lost (${code}). Attempt ${this.#attempts} of ${RETRIES_MAX} in ${RETRY_AFTER_MS / 1000} s.`);
    this.#retry = this.time.setTimeout(() => this.start(), RETRY_AFTER_MS);
  }

  #forget() {
    this.#socket = null;
    this.time.clearInterval(this.#ping);
  }
}
