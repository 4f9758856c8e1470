// A player's session with the casino of a Nightjar server: one file without dependencies, for browsers and for Node.
//
//   import { Session } from "/static/client/nightjar.js";
//
//   const session = new Session({ url: "wss://play.example/session/ws", platform: "demo", site: "demo", auth: { uid: "ann" } });
//   session.on("state", ({ state }) => console.log(state.wallet.credits, state.gamestate?.name));
//   session.on("error", ({ code }) => console.log(code));
//   session.start();
//   session.load("coin_toss");
//
// What it does for you: it opens the socket again whenever it is lost, with growing pauses that differ from player to player;
// it goes back into the game that was open; it names in every action the state that the player has seen, so that of two clicks
// only one can count; it holds back what is sent while an answer is awaited. docs/clients.md tells the rest.

/** How amounts of a wallet are shown.
 * @typedef {object} DenomInfo
 * @property {string} prefix before the amount
 * @property {string} suffix behind it
 * @property {boolean} integer without decimals
 * @property {number} money_multiplier from credits to money
 * @property {string} rgs_id name at the back office
 */
/** @typedef {{credits: number, denom: string, denom_info: DenomInfo}} Wallet `credits` is a whole number of the smallest unit */
/** Where a game is: `id` is new after every change, `actions` are those that are allowed now.
 * @typedef {{id: string, name: string, data: any, actions: string[]}} GameState
 */
/** All there is to know, complete each time. Without `gamestate` no game is open.
 * @typedef {{t: "state", curr_game?: string, gamestate?: GameState, wallet: Wallet, userdata: Record<string, any>}} State
 */
/** @typedef {{t: "error", code: string, message: string, re?: string}} ErrorMessage `re` is the type of the message that was refused */
/** @typedef {{t: "component", which: string, message: any}} ComponentMessage */
/**
 * `idle` before `start`, `connecting`, `online`, `waiting` (lost; tries again by itself), `refused` (the server will say no
 * again: not tried any more), `closed` (by `close`).
 * @typedef {"idle" | "connecting" | "online" | "waiting" | "refused" | "closed"} Phase
 */
/**
 * What is told, by name. `first`: the first state of a new connection, or of the game that was taken up again on it. `wait`:
 * milliseconds until the next try; 0 while the page is hidden, for it comes back when somebody looks. `code`: of the close.
 * @typedef {object} Events
 * @property {{state: State, first: boolean}} state
 * @property {ErrorMessage} error
 * @property {ComponentMessage} component
 * @property {{phase: Phase, wait: number, code: number}} phase
 */
/** @typedef {{uid?: string, token?: string, userinfo?: object}} Auth who the player is at the platform */
/**
 * @typedef {object} Options
 * @property {string} url of the session socket: ws://… or wss://…
 * @property {string} site
 * @property {string} [platform] "demo" unless given
 * @property {Auth | (() => Auth | Promise<Auth>)} [auth] a function is asked before each connection: for tokens that expire
 * @property {string | null} [game] the game to open at once
 * @property {any} [WebSocket] the class to use, where there is none by that name (Node before 22)
 */

// A pause before each try, from the first to the longest one. Each is drawn from 0.75 to 1.25 times its length, so that
// players who lost their connections together do not come back together.
const RETRY_FIRST_MS = 400;
const RETRY_MAX_MS = 10_000;
const RETRY_FACTOR = 1.7;
// A server that starts again has closed everybody at the same moment (1012): they come back spread over this time.
const RESTART_CODE = 1012;
const RESTART_SPREAD_MS = 2000;
// No answer for so long is as good as no connection: a new one brings the true state.
const ANSWER_MS = 10_000;
// The server would give the same answer again: player refused, no such site.
const FINAL_CODES = [4401, 4404];

export class Session {
  /** @type {Required<Omit<Options, "game">>} */
  #options;
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #listeners = new Map();
  /**
   * The socket, or before there is one what stands for it.
   * @type {{close(): void, readyState?: number, send?: (text: string) => void} | null}
   */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /**
   * Runs while an answer is awaited.
   * @type {ReturnType<typeof setTimeout> | undefined}
   */
  #answerTimer;
  #retry = RETRY_FIRST_MS;
  /** @type {Phase} */
  #phase = "idle";
  #greeted = false;
  #resuming = false;
  /** @type {string | null} */
  #wanted = null;
  /** @type {string | null} */
  #loading = null;
  /** @type {State | null} */
  #state = null;
  /**
   * What ends the listening to the page.
   * @type {(() => void)[]}
   */
  #page = [];

  /** @param {Options} options */
  constructor(options) {
    this.#options = { platform: "demo", auth: {}, WebSocket: globalThis.WebSocket, ...options };
    this.#wanted = options.game ?? null;
    if (!this.#options.WebSocket) throw new TypeError("there is no WebSocket here: give one as the option WebSocket");
    if (!this.#options.url || !this.#options.site) throw new TypeError("a session needs the options url and site");
  }

  /**
   * Calls `listener` for every event of a kind, in the order they come. Returns a function that ends it.
   * @template {keyof Events} T
   * @param {T} kind
   * @param {(detail: Events[T]) => void} listener
   * @returns {() => void}
   */
  on(kind, listener) {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
    return () => { listeners.delete(listener); };
  }

  /** The latest state, null before the first one. @returns {State | null} */
  get state() { return this.#state; }

  get phase() { return this.#phase; }

  /** The server knows the player, and the connection stands. */
  get online() { return this.#phase === "online"; }

  /** An answer is awaited: nothing can be sent but messages to components. */
  get busy() { return this.#answerTimer !== undefined; }

  /** Id of the game to be in, also after a lost connection; null for none. @returns {string | null} */
  get game() { return this.#wanted; }

  /** Id of the game that is being opened; null when none is. A state without `gamestate` only says then that the one before has ended. @returns {string | null} */
  get loading() { return this.#loading; }

  /** Begins. */
  start() {
    if (this.#phase !== "idle" && this.#phase !== "closed") return;
    if (typeof document !== "undefined") {
      this.#listen(window, "online", () => this.#tryNow());
      this.#listen(window, "offline", () => this.#socket?.close());
      this.#listen(document, "visibilitychange", () => { if (!document.hidden) this.#tryNow(); });
    }
    this.#connect();
  }

  /** Ends the session; `start` begins another one. */
  close() {
    for (const stop of this.#page.splice(0)) stop();
    this.#drop();
    this.#setPhase("closed");
  }

  /**
   * Drops the connection and opens a new one at once, as another player if `auth` is given.
   * @param {Options["auth"]} [auth]
   */
  reconnect(auth) {
    if (auth) this.#options.auth = auth;
    if (this.#phase === "idle" || this.#phase === "closed") return this.start();
    this.#drop();
    this.#retry = RETRY_FIRST_MS;
    this.#connect();
  }

  /**
   * Opens a game, leaving the one that is open if its state allows. Remembered: without a connection it is opened as soon as
   * there is one. False when it could not be sent now.
   * @param {string} game
   */
  load(game) {
    const sent = this.#ask({ t: "gameload", gameid: game });
    if (sent) this.#loading = game;
    if (sent || !this.online) this.#wanted = game;
    return sent;
  }

  /**
   * Does an action of the game, in the state that the player has seen. False when it could not be sent: no connection, no
   * game, an answer is awaited.
   * @param {string} action
   * @param {object} [params]
   */
  act(action, params = {}) {
    const sid = this.#state?.gamestate?.id;
    return sid !== undefined && this.#ask({ t: "action", action, params, sid });
  }

  /** Leaves the game, if its state allows. False when it could not be sent. */
  finish() {
    return this.#ask({ t: "gamefinish" });
  }

  /**
   * Sends a message to a component of the session. False when there is no connection.
   * @param {string} which like "jackpot"
   * @param {object} message
   */
  component(which, message) {
    return this.#send({ t: "component", which, message });
  }

  /** @param {EventTarget} target @param {string} kind @param {() => void} listener */
  #listen(target, kind, listener) {
    target.addEventListener(kind, listener);
    this.#page.push(() => target.removeEventListener(kind, listener));
  }

  /** @template {keyof Events} T @param {T} kind @param {Events[T]} detail */
  #tell(kind, detail) {
    for (const listener of this.#listeners.get(kind) ?? []) listener(detail);
  }

  /** @param {Phase} phase */
  #setPhase(phase, wait = 0, code = 0) {
    this.#phase = phase;
    this.#tell("phase", { phase, wait, code });
  }

  async #connect() {
    clearTimeout(this.#retryTimer);
    this.#greeted = false;
    // Stands for the attempt until there is a socket: one that was given up meanwhile goes on no further.
    const attempt = { close() {} };
    this.#socket = attempt;
    this.#setPhase("connecting");
    const { url, platform, site, auth, WebSocket: Socket } = this.#options;
    /** @type {WebSocket} */
    let socket;
    try {
      const who = typeof auth === "function" ? await auth() : auth;
      if (this.#socket !== attempt) return;
      socket = new Socket(url);
      socket.onopen = () => socket.send(JSON.stringify({ auth: { uid: "", token: "", userinfo: {}, ...who }, platform, site }));
    } catch {
      if (this.#socket === attempt) this.#lost(0);
      return;
    }
    this.#socket = socket;
    socket.onmessage = (event) => { if (socket === this.#socket) this.#received(event.data); };
    socket.onclose = (event) => { if (socket === this.#socket) this.#lost(event.code); };
    socket.onerror = () => {}; // a close follows
  }

  /** @param {string} text */
  #received(text) {
    let message;
    try { message = JSON.parse(text); } catch { return; }
    if (message.t === "state") this.#receivedState(message);
    else if (message.t === "error") this.#receivedError(message);
    else if (message.t === "component") this.#tell("component", message);
  }

  /** @param {State} state */
  #receivedState(state) {
    const greeting = !this.#greeted;
    const first = greeting || (this.#resuming && state.gamestate !== undefined);
    this.#state = state;
    this.#answered();
    if (greeting) {
      this.#greeted = true;
      this.#retry = RETRY_FIRST_MS;
      this.#setPhase("online");
      // The game that was open stands where it stood; the server waits to be asked for it.
      if (this.#wanted !== null && !state.gamestate && this.load(this.#wanted)) this.#resuming = true;
    } else if (state.gamestate) {
      this.#loading = null;
      this.#resuming = false;
      this.#wanted = state.curr_game ?? null;
    } else if (this.#loading === null) {
      this.#wanted = null;
    } else {
      this.#await(); // the game before has ended, the new one is still to come
    }
    this.#tell("state", { state, first });
  }

  /** @param {ErrorMessage} error */
  #receivedError(error) {
    this.#answered();
    if (this.#greeted && this.#loading !== null) {
      this.#loading = null;
      this.#resuming = false;
      this.#wanted = this.#state?.curr_game ?? null;
    }
    this.#tell("error", error);
    // Refused before the session began, and the server keeps the socket open: it may say yes later.
    if (!this.#greeted && this.#phase === "connecting" && !["auth_failed", "unknown_site", "unknown_platform"].includes(error.code)) this.#socket?.close();
  }

  /** @param {object} message */
  #send(message) {
    if (!this.online || this.#socket?.readyState !== 1) return false;
    this.#socket.send?.(JSON.stringify(message));
    return true;
  }

  /**
   * Sends what the server answers with a state or an error, one at a time.
   * @param {object} message
   */
  #ask(message) {
    if (this.busy || !this.#send(message)) return false;
    this.#await();
    return true;
  }

  #await() {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.reconnect(), ANSWER_MS);
  }

  #answered() {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#retryTimer);
    this.#answered();
    this.#loading = null;
    this.#resuming = false;
    socket?.close();
  }

  /** @param {number} code */
  #lost(code) {
    this.#drop();
    if (FINAL_CODES.includes(code)) return this.#setPhase("refused", 0, code);
    // A hidden page need not hold a connection.
    if (typeof document !== "undefined" && document.hidden) return this.#setPhase("waiting", 0, code);
    const spread = code === RESTART_CODE ? Math.random() * RESTART_SPREAD_MS : 0;
    const wait = spread + this.#retry * (0.75 + Math.random() / 2);
    this.#retry = Math.min(RETRY_MAX_MS, this.#retry * RETRY_FACTOR);
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
    this.#setPhase("waiting", wait, code);
  }

  #tryNow() {
    if (this.#phase === "waiting") this.#connect();
  }
}

/**
 * An amount as text, as the wallet's denomination has it: 1234 → "US$ 12.34".
 * @param {number} credits smallest unit
 * @param {Wallet} [wallet]
 */
export function formatCredits(credits, wallet) {
  const info = wallet?.denom_info ?? { prefix: "", suffix: "", integer: true, money_multiplier: 1 };
  const digits = info.integer ? 0 : 2;
  const value = credits * (info.money_multiplier ?? 1);
  return info.prefix + value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }) + info.suffix;
}
