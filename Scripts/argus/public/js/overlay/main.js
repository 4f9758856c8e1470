// The overlay: reads its options, connects, and draws every state that comes.
import { $ } from "../../../lib/dom.js";
import { read } from "../shared/options.js";
import { wire } from "../run/card.js";
import { panels } from "../run/model.js";
import { empty, updatedByText } from "../run/state.js";
import { Arrangement } from "./arrange.js";
import { Connection } from "./connection.js";
import { apply } from "./look.js";
import { Mapping } from "./mapping.js";
import { play } from "./sample.js";

/** A short loss of the connection is nobody's business: the overlay still shows the last state. */
const LOSS_SHOWN_AFTER_MS = 8000;
/** What is wrong with the address is told for so long, then the stream is left alone. */
const PROBLEMS_SHOWN_MS = 30_000;

const { values: options, problems } = read(location.search);
apply(options);
const arrangement = new Arrangement($("panels"), options);
const card = wire($("panels"));
const mapping = new Mapping(() => draw(false));
let run = empty();
let drawn = false;

function draw(lively) {
  arrangement.draw(panels(run, mapping.value), lively && drawn && options.motion);
  card.refresh();
}

function heard(text) {
  run = updatedByText(run, text);
  draw(true);
  drawn = true;
  mapping.refresh();
}

/** What is wrong with the address, as long as it is shown. */
let wrong = problems.slice(0, 4).join(" ");
let noticing;
function notice(text, after = 0) {
  clearTimeout(noticing);
  noticing = setTimeout(() => {
    $("notice").textContent = text;
    $("notice").hidden = text === "";
  }, after);
}

const WORDS = {
  refused: "This view key is not right, or there is no such channel. Make a new address on the page /argus/ of this server.",
  address: "The server does not take this delay. Make a new address on the page /argus/ of this server.",
  full: "More overlays are open than this server takes. Trying again in a minute …",
  lost: "The connection is lost. Trying again …",
};

let phaseNow = "";
function told(phase) {
  // Between two tries it connects, and is no less lost.
  if (phase === "connecting") return;
  document.documentElement.dataset.phase = phase;
  if (phase === phaseNow) return;
  phaseNow = phase;
  if (phase === "online") notice(wrong);
  else notice(WORDS[phase], phase === "lost" ? LOSS_SHOWN_AFTER_MS : 0);
}

draw(false);
mapping.refresh();
if (wrong) {
  notice(wrong);
  setTimeout(() => {
    wrong = "";
    if (["", "online"].includes(phaseNow)) notice("");
  }, PROBLEMS_SHOWN_MS);
}
if (options.demo) {
  play(heard);
} else if (!options.channel) {
  notice("This address names no channel. Make one on the page /argus/ of this server.");
} else {
  const url = new URL("overlay/ws", location.href.replace(/^http/, "ws"));
  url.search = new URLSearchParams({ channel: options.channel, key: options.key, delay: String(options.delay) });
  new Connection(url.href, heard, told).open();
}
