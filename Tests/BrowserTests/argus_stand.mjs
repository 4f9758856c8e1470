// What the test of Argus' pages needs around it: a Twitch of its own, and the server with the package, which can be stopped and
// started again with the same data.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const SECRET = Buffer.from("a secret of the browser test, made up").toString("base64");
const START_MS_MAX = 60_000;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A Twitch that knows who comes by the code that the browser brings: "code-4711" is 4711. */
class Twitch {
  messages = [];

  async start() {
    this.server = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      const { pathname, searchParams } = new URL(request.url, "http://twitch");
      const answer = (value) => { response.setHeader("content-type", "application/json"); response.end(JSON.stringify(value)); };
      const id = /(\d+)/.exec(new URLSearchParams(body).get("code") ?? request.headers.authorization ?? "")?.[1];
      if (pathname === "/oauth2/token") return answer({ access_token: `access-${id ?? "app"}`, expires_in: 14_000, token_type: "bearer", scope: ["openid"] });
      if (pathname === "/oauth2/userinfo") return answer({ sub: id, iss: "https://id.twitch.tv/oauth2" });
      if (pathname === "/helix/users") return answer({ data: [{ id: searchParams.get("id"), display_name: `Streamer_${searchParams.get("id")}` }] });
      if (pathname === "/helix/extensions/pubsub") this.messages.push(JSON.parse(body));
      response.statusCode = pathname === "/helix/extensions/pubsub" ? 204 : 404;
      response.end();
    });
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }
}

export class Stand {
  constructor(binary, project) {
    this.binary = binary;
    this.folder = mkdtempSync(join(tmpdir(), "nightjar-argus-"));
    for (const part of ["argus", "lib", "meta"]) if (existsSync(join(project, "Scripts", part))) cpSync(join(project, "Scripts", part), join(this.folder, "Scripts", part), { recursive: true });
    mkdirSync(join(this.folder, "games"));
    this.mapping = join(this.folder, "data/packages/argus/data/ui_mappings.json");
  }

  async start() {
    if (!this.twitch) {
      this.twitch = new Twitch();
      await this.twitch.start();
    }
    const ports = join(this.folder, "port");
    for (const name of ["port", "port.argus"]) rmSync(join(this.folder, name), { force: true });
    const log = openSync(join(this.folder, "log"), "a");
    this.process = spawn(this.binary, [
      "serve", "--debug", "--port", "0", "--data-dir", join(this.folder, "data"), "--scripts", join(this.folder, "Scripts"), "--games", join(this.folder, "games"),
      "--port-file", ports, "--listen", `argus=127.0.0.1:${this.port ?? 0}`,
    ], { stdio: ["ignore", log, log], env: { ...process.env, ARGUS_TWITCH_AUTH_URL: this.twitch.url, ARGUS_TWITCH_API_URL: this.twitch.url, ARGUS_EXTENSION_SECRET: SECRET, ARGUS_CLIENT_SECRET: "a client secret of the test" } });
    this.ended = new Promise((done) => this.process.once("exit", done));
    this.ended.then(() => { this.gone = true; });
    this.gone = false;
    const end = Date.now() + START_MS_MAX;
    while (!existsSync(`${ports}.argus`) || readFileSync(`${ports}.argus`, "utf8").trim() === "") {
      if (this.gone || Date.now() > end) throw new Error(`the server did not start:\n${this.log()}`);
      await pause(50);
    }
    this.port = Number(readFileSync(`${ports}.argus`, "utf8"));
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async stop() {
    this.process.kill();
    await this.ended;
  }

  async end() {
    if (this.process && !this.gone) await this.stop();
    this.twitch?.server.close();
    this.twitch?.server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }

  log() { return readFileSync(join(this.folder, "log"), "utf8").split("\n").slice(-40).join("\n"); }

  /** The operator's own mapping takes the place of the shipped one. */
  putMapping(value) {
    mkdirSync(dirname(this.mapping), { recursive: true });
    writeFileSync(this.mapping, JSON.stringify(value));
  }

  /** The shipped mapping, to be changed. */
  shipped() { return JSON.parse(readFileSync(join(this.folder, "Scripts/argus/data/ui_mappings.json"), "utf8")); }

  async post(path, value) {
    const answer = await fetch(this.url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
    return answer.text();
  }

  /** Logs a channel in as the game's client and a browser would. Its Argus token. */
  async login(channel) {
    const state = `state-of-${channel}`;
    const came = await fetch(`${this.url}/oauth_token?code=code-${channel}&scope=openid&state=${state}`, { redirect: "manual" });
    if (!came.headers.get("location")?.endsWith("/auth_success.html")) throw new Error(`the login of ${channel} led to ${came.headers.get("location")}`);
    return this.post("/get_argus_token", { argusProtocolVersion: "1", state });
  }

  /** Sends a run as the game does; strings that are not given are as good as empty. */
  async send(argusToken, runData) {
    const nothing = { boonData: "NOBOONS", weaponData: "NOWEAPONS", familiarData: "NOFAMILIARS", extraData: "NOEXTRAS", elementalData: "NOELEMENTS", pinData: "NOPINS", vowData: "NOVOWS", arcanaData: "NOARCANA" };
    const answer = await this.post("/run_info", { argusProtocolVersion: "2", argusToken, runData: { ...nothing, ...runData } });
    if (answer !== "ok") throw new Error(`/run_info answered ${answer}`);
  }

  /** What Twitch hands to the extension's pages. */
  jwt(channel) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, channel_id: channel, role: "broadcaster", opaque_user_id: "U1" })}`;
    return `${text}.${createHmac("sha256", Buffer.from(SECRET, "base64")).update(text).digest("base64url")}`;
  }
}
