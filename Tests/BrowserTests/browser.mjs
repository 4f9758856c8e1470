// Headless Chromium driven over its debugging pipe, with nothing but Node's standard library.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CALL_TIMEOUT_MS = 20_000;

const KEY_CODES = {
  Enter: 13, Escape: 27, " ": 32, PageUp: 33, PageDown: 34, End: 35, Home: 36, ArrowUp: 38, ArrowDown: 40, Delete: 46, ContextMenu: 93,
  F3: 114, F10: 121,
};
export const CONTROL = 2;
export const SHIFT = 8;

/** A socket's message as JSON, or as the text it is. */
function read(payload) {
  try { return JSON.parse(payload); } catch { return payload; }
}

export class Browser {
  #next = 1;
  #calls = new Map();
  #rest = "";

  static async launch() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), "nightjar-browser-"));
    browser.process = spawn(process.env.CHROMIUM ?? "chromium", [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
      `--user-data-dir=${browser.profile}`, "--remote-debugging-pipe", "about:blank",
    ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    browser.handlers = [];
    browser.process.on("error", (error) => browser.#fail(error));
    browser.process.on("exit", () => browser.#fail(new Error("the browser ended")));
    browser.process.stdio[3].on("error", () => {});
    browser.process.stdio[4].setEncoding("utf8").on("data", (text) => browser.#received(text));
    return browser;
  }

  #fail(error) {
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }

  #received(text) {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      const call = this.#calls.get(message.id);
      if (!call) { this.handlers.forEach((handler) => handler(message)); continue; }
      this.#calls.delete(message.id);
      clearTimeout(call.timer);
      if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
    }
  }

  call(method, params = {}, sessionId) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.#calls.delete(id); reject(new Error(`${method}: no answer`)); }, CALL_TIMEOUT_MS);
      this.#calls.set(id, { resolve, reject, timer, method });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async page() {
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    await page.prepare();
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.call("Browser.close").catch(() => {});
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Page {
  /** Everything the browser complained about. */
  problems = [];
  /** Messages of the page's sockets, in order: {sent, message}. */
  frames = [];

  constructor(browser, sessionId) {
    this.browser = browser;
    this.sessionId = sessionId;
    browser.handlers.push((event) => { if (event.sessionId === sessionId) this.#event(event); });
  }

  call(method, params) {
    return this.browser.call(method, params, this.sessionId);
  }

  async prepare() {
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.call(`${domain}.enable`);
  }

  #event({ method, params }) {
    if (method === "Runtime.exceptionThrown") this.problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) this.problems.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") this.problems.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    if (method === "Network.webSocketFrameReceived") this.frames.push({ sent: false, message: read(params.response.payloadData) });
    if (method === "Network.webSocketFrameSent") this.frames.push({ sent: true, message: read(params.response.payloadData) });
  }

  /** The latest message of type `t` that the server sent. */
  last(t = "state") {
    return this.frames.findLast(({ sent, message }) => !sent && message.t === t)?.message;
  }

  async size(width, height) {
    await this.call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
  }

  async open(url) {
    await this.call("Page.navigate", { url });
  }

  /** Evaluates an expression in the page; promises are awaited. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until the expression is true, and says what it waited for if that does not come. */
  async until(what, expression, timeout = 15_000) {
    const end = Date.now() + timeout;
    for (;;) {
      const value = typeof expression === "function" ? expression() : await this.evaluate(expression).catch(() => false);
      if (value) return value;
      if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  /** Waits until an element's text has a part. */
  async shows(what, selector, part) {
    return this.until(what, `document.querySelector(${JSON.stringify(selector)})?.innerText.includes(${JSON.stringify(part)})`);
  }

  /** The text of an element; empty if there is none. */
  async text(selector) {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);
  }

  /** What the system prefers: "dark", "light", or nothing. */
  async colors(scheme) {
    await this.call("Emulation.setEmulatedMedia", { features: scheme ? [{ name: "prefers-color-scheme", value: scheme }] : [] });
  }

  /** Where an element is: {x, y} of its middle, once it can be clicked. */
  async middle(selector) {
    await this.until(`${selector} to be clickable`, `(() => { const e = document.querySelector(${JSON.stringify(selector)}); return e && !e.disabled && e.offsetParent !== null })()`);
    return this.evaluate(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({block: "nearest", behavior: "instant"});
      const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 } })()`);
  }

  async click(selector, { button = "left", modifiers = 0 } = {}) {
    const { x, y } = await this.middle(selector);
    for (const type of ["mousePressed", "mouseReleased"]) await this.call("Input.dispatchMouseEvent", { type, x, y, button, modifiers, clickCount: 1 });
  }

  /** Moves the mouse over an element. */
  async hover(selector) {
    await this.call("Input.dispatchMouseEvent", { type: "mouseMoved", ...await this.middle(selector) });
  }

  async press(key, modifiers = 0) {
    const text = key === "Enter" ? "\r" : key.length === 1 && !(modifiers & CONTROL) ? key : undefined;
    const windowsVirtualKeyCode = KEY_CODES[key] ?? key.toUpperCase().charCodeAt(0);
    await this.call("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", key, text, modifiers, windowsVirtualKeyCode });
    await this.call("Input.dispatchKeyEvent", { type: "keyUp", key, modifiers, windowsVirtualKeyCode });
  }

  /** Types into what has the focus. */
  async type(text) {
    await this.call("Input.insertText", { text });
  }

  async screenshot() {
    const { data } = await this.call("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }
}
