// The socket to the server: opens it, opens it again when it is lost, and hands on every whole message.
import { begin, receive } from "./parts.js";
import { wait, waitRefused } from "./reconnect.js";

/** The server's numbers for closing: a delay that it does not know; a key that is not right, or a channel that does not exist (the two
    are not told apart); more overlays than it takes. */
const REFUSALS = { 4400: "address", 4401: "refused", 4429: "full" };
/** A connection that was never opened within this time is given up. */
const OPEN_MS_MAX = 10_000;

export class Connection {
  #url;
  #heard;
  #told;
  #parts = begin();
  #attempt = 0;
  #socket = null;
  #timer = null;

  /** `heard(text)` gets each message, `told(phase)` "connecting", "online", "lost", or a word of REFUSALS. */
  constructor(url, heard, told) {
    this.#url = url;
    this.#heard = heard;
    this.#told = told;
    addEventListener("online", () => this.#hurry());
    addEventListener("pageshow", (event) => { if (event.persisted) this.#hurry(); });
  }

  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#told("connecting");
    this.#timer = setTimeout(() => socket.close(), OPEN_MS_MAX);
    socket.addEventListener("open", () => {
      clearTimeout(this.#timer);
      // Parts of before are not continued on a new connection.
      this.#parts = begin();
      this.#told("online");
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return;
      this.#attempt = 0;
      const { state, message } = receive(this.#parts, data);
      this.#parts = state;
      if (message !== undefined) this.#heard(message);
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#timer);
      this.#socket = null;
      const refusal = REFUSALS[code];
      this.#told(refusal ?? "lost");
      this.#timer = setTimeout(() => this.open(), refusal ? waitRefused() : wait(this.#attempt));
      this.#attempt += 1;
    });
  }

  /** The network is back: no reason to wait any longer, and what seems open may have died meanwhile. */
  #hurry() {
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#attempt = 0;
    this.open();
  }
}
