// The dashboard: asks for all runs every five seconds while somebody looks.
import { $ } from "../shared/dom.js";
import { wire } from "../run/card.js";
import { mapping, runs, token } from "./api.js";
import { Streamer } from "./streamer.js";

const INTERVAL_MS = 5000;

const streamers = new Map();
const card = wire($("streamers"));
let names = null;
let timer = null;
let asking = false;
let seen = false;

function status(phase, text) {
  $("status").dataset.phase = phase;
  if ($("status-text").textContent !== text) $("status-text").textContent = text;
}

function render(all) {
  const now = Date.now();
  for (const [id, streamer] of streamers) {
    if (id in all) continue;
    streamer.element.remove();
    streamers.delete(id);
  }
  for (const [id, entry] of Object.entries(all)) {
    if (typeof entry?.runData !== "object" || entry.runData === null) continue;
    const known = streamers.get(id);
    const streamer = known ?? new Streamer();
    if (!known) {
      streamers.set(id, streamer);
      $("streamers").append(streamer.element);
    }
    streamer.draw(id, entry, names, now, Boolean(known));
  }
  $("nobody").hidden = streamers.size > 0;
  card.refresh();
}

function wantToken() {
  if ($("gate").hidden) {
    $("gate").hidden = false;
    $("gate-token").focus();
  }
  $("streamers").hidden = true;
  $("nobody").hidden = true;
  $("gate-problem").textContent = token.get() ? "This token is not right." : "";
  token.set("");
  status("refused", "A token is needed");
}

async function poll() {
  clearTimeout(timer);
  timer = null;
  if (document.hidden || asking || !$("gate").hidden) return;
  asking = true;
  try {
    const answer = await runs();
    if (answer.refused) {
      wantToken();
    } else {
      names ??= await mapping();
      $("streamers").hidden = false;
      delete $("streamers").dataset.stale;
      render(answer.runs);
      seen = true;
      status("online", streamers.size === 1 ? "1 streamer" : `${streamers.size} streamers`);
    }
  } catch {
    $("streamers").dataset.stale = "";
    status("lost", seen ? "Connection lost – trying again" : "No answer – trying again");
  }
  asking = false;
  if (!document.hidden) timer = setTimeout(poll, INTERVAL_MS);
}

$("gate").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set($("gate-token").value.trim());
  $("gate-token").value = "";
  $("gate").hidden = true;
  poll();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return poll();
  status("paused", "Paused while nobody looks");
});
poll();
