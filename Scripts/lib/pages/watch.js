// A page that looks at the server again and again while somebody looks at it: the lamp with its words, the form that asks for a
// token, and the looking. The page has #status with #status-text, and a form #gate with #gate-token and #gate-problem.
import { $ } from "./dom.js";

/** What the lamp says; `phase` is its color: connecting, online, lost, refused, paused. */
export function status(phase, text) {
  $("status").dataset.phase = phase;
  if ($("status-text").textContent !== text) $("status-text").textContent = text;
}

/** The token is missing or wrong: what `look` throws. */
export class Refused extends Error {}

let hiding;
/** Says something at the edge of the page for a while (#toast). */
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { $("toast").hidden = true; }, 6000);
}

/**
 * Begins to look, and gives what looks at once.
 *
 * `look` asks and draws, and gives the words of the lamp; it throws `Refused`, or what went wrong. It gets a function that says
 * whether a later look has begun, for pages that go elsewhere: what comes too late is not drawn. `hidden` are the elements only
 * who has the token sees; the first of them is faded while the server does not answer.
 */
export function watch({ look, interval, token, hidden }) {
  const gate = $("gate");
  let timer = null;
  let turn = 0;
  let seen = false;

  function wantToken() {
    if (gate.hidden) {
      gate.hidden = false;
      $("gate-token").focus();
    }
    for (const element of hidden) element.hidden = true;
    $("gate-problem").textContent = token.get() ? "This token is not right." : "";
    token.set("");
    status("refused", "A token is needed");
  }

  async function now() {
    clearTimeout(timer);
    timer = null;
    if (document.hidden || !gate.hidden) return;
    const mine = ++turn;
    const isLate = () => mine !== turn;
    try {
      const words = await look(isLate);
      if (isLate()) return;
      delete hidden[0].dataset.stale;
      seen = true;
      status("online", words);
    } catch (error) {
      if (isLate()) return;
      if (error instanceof Refused) return wantToken();
      hidden[0].dataset.stale = "";
      status("lost", seen ? "Connection lost – trying again" : "No answer – trying again");
    }
    if (!document.hidden) timer = setTimeout(now, interval);
  }

  gate.addEventListener("submit", (event) => {
    event.preventDefault();
    token.set($("gate-token").value.trim());
    $("gate-token").value = "";
    gate.hidden = true;
    now();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return now();
    status("paused", "Paused while nobody looks");
  });
  now();
  return now;
}
