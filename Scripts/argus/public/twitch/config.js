// The configuration page of the Twitch extension: is this channel connected to Argus? Twitch hands a signed token (JWT) to the
// page, the server checks it. This folder stands alone, so that it can be packed and uploaded to Twitch.

/** Twitch serves extensions from there, and only there the page has a reason to load Twitch's helper. */
const TWITCH_HOST = /\.ext-twitch\.tv$/;
const HELPER = "https://extension-files.twitch.tv/helper/v1/twitch-ext.min.js";
/** Twitch tells the token right after the page has loaded. */
const TOKEN_MS_MAX = 15_000;
const ANSWER_MS_MAX = 10_000;

const WORDS = {
  checking: ["Checking your connection …"],
  good: ["All good: your channel is connected.", "Activate the extension as a panel or overlay. It shows your run from the next room on."],
  connect: ["Connect from the game first.", "Start the game with the Argus mod. A page of Twitch opens and asks whether Argus may know who you are. Agree, then check again here."],
  wrong: ["Something went wrong.", "The Argus server could not be asked. Try again in a few minutes."],
};
const OUTSIDE = "This page is part of a Twitch extension and does its work only there: open the configuration of your extensions at Twitch.";

const $ = (id) => document.getElementById(id);
let jwt = null;
let waiting = null;

function state(name, instead) {
  const [words, usual] = WORDS[name];
  const next = instead ?? usual;
  $("state").dataset.state = name;
  $("words").textContent = words;
  $("next").textContent = next ?? "";
  $("next").hidden = !next;
  $("again").hidden = name === "checking" || name === "good";
}

const server = () => document.querySelector('meta[name="argus-server"]').content.trim().replace(/\/+$/, "") || location.origin;

async function check() {
  state("checking");
  try {
    const answer = await fetch(`${server()}/check_login`, { headers: { "x-extension-jwt": jwt }, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    state((await answer.text()) === "LOGIN_OK" ? "good" : "connect");
  } catch {
    state("wrong");
  }
}

function listen() {
  const helper = window.Twitch?.ext;
  if (!helper) return state("wrong", OUTSIDE);
  helper.onAuthorized(({ token }) => {
    clearTimeout(waiting);
    const first = jwt === null;
    // Twitch renews the token from time to time; that alone is no reason to ask again.
    jwt = token;
    if (first) check();
  });
}

$("again").addEventListener("click", () => { if (jwt) check(); else location.reload(); });
state("checking");
waiting = setTimeout(() => { if (jwt === null && $("state").dataset.state === "checking") state("wrong"); }, TOKEN_MS_MAX);
if (window.Twitch?.ext || !TWITCH_HOST.test(location.hostname)) {
  listen();
} else {
  const script = document.createElement("script");
  script.src = HELPER;
  script.addEventListener("load", listen);
  script.addEventListener("error", () => state("wrong"));
  document.head.append(script);
}
