// The dashboard: asks for all runs every five seconds while somebody looks.
import { $ } from "../../../lib/dom.js";
import { watch } from "../../../lib/watch.js";
import { wire } from "../run/card.js";
import { mapping, runs, token } from "./api.js";
import { Streamer } from "./streamer.js";

const INTERVAL_MS = 5000;

const streamers = new Map();
const card = wire($("streamers"));
let names = null;

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

watch({
  token, interval: INTERVAL_MS, hidden: [$("streamers"), $("nobody")],
  async look(isLate) {
    const all = await runs();
    names ??= await mapping();
    if (isLate()) return;
    $("streamers").hidden = false;
    render(all);
    return streamers.size === 1 ? "1 streamer" : `${streamers.size} streamers`;
  },
});
