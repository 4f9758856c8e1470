// The configurator: a form of all options, the address that follows from them, and the overlay as it will look.
import { $ } from "../../../lib/dom.js";
import { address, defaults, read } from "../shared/options.js";
import { copy } from "./copy.js";
import { DelayedKeys } from "./delayed.js";
import { build } from "./fields.js";
import { keyOfDelay, viewKey } from "./key.js";
import { Preview } from "./preview.js";

const base = new URL("overlay", location.href);
const HIDDEN_KEY = "••••••••";

let values = defaults();
let revealed = false;
const preview = new Preview($("preview"), $("stage"));

const keys = new DelayedKeys(keyOfDelay, ({ problem }) => {
  if (problem) $("said").textContent = problem;
  render();
});

function render() {
  const { key } = keys.of(values);
  const full = address(base, { ...values, key: key ?? "" });
  $("address").textContent = key === undefined ? "…" : revealed || !key ? full : full.replace(`key=${encodeURIComponent(key)}`, `key=${HIDDEN_KEY}`);
  $("reveal").hidden = !values.key;
  const mayBeOwn = Boolean(values.channel && values.key);
  $("own-choice").hidden = !mayBeOwn;
  const own = mayBeOwn && $("own").checked;
  preview.show(address(base, own ? { ...values, demo: false } : { ...values, channel: "", key: "", delay: 0, demo: true }));
}

const form = build($("options"), (name, value) => {
  values = { ...values, [name]: value };
  render();
});

function setAll(next) {
  values = next;
  form.set(values);
  render();
}

$("options").addEventListener("submit", (event) => event.preventDefault());

$("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("key-answer").className = "";
  $("key-answer").textContent = "Asking …";
  const answer = await viewKey($("token").value.trim(), $("renew").checked);
  $("key-answer").textContent = answer.problem ?? "Done: channel and key stand in your address.";
  $("key-answer").className = answer.problem ? "bad" : "good";
  if (answer.problem) return;
  $("token").value = "";
  $("renew").checked = false;
  setAll({ ...values, channel: String(answer.channel), key: String(answer.key) });
});

$("copy").addEventListener("click", async () => {
  const { key } = keys.of(values);
  if (key === undefined) {
    $("said").textContent = "The key for this delay is not there yet. Try again in a moment.";
    return;
  }
  const done = await copy(address(base, { ...values, key }));
  $("said").textContent = !done ? "The browser did not allow it. Show the key, and copy the address by hand."
    : values.channel || values.demo ? "Copied." : "Copied. It names no channel yet: get your view key first.";
});
$("reveal").addEventListener("click", () => {
  revealed = !revealed;
  $("reveal").setAttribute("aria-pressed", String(revealed));
  render();
});
$("reset").addEventListener("click", () => setAll({ ...defaults(), channel: values.channel, key: values.key }));
$("own").addEventListener("change", render);
$("size").addEventListener("change", () => preview.size($("size").value));
$("backdrop").addEventListener("change", () => { $("stage").dataset.backdrop = $("backdrop").value; });
$("paste").addEventListener("input", () => {
  let url;
  try { url = new URL($("paste").value.trim()); } catch { url = null; }
  if (!url) {
    $("paste-problem").textContent = $("paste").value.trim() ? "This is no address." : "";
    return;
  }
  const { values: found, problems } = read(url.search);
  $("paste-problem").textContent = problems.join(" ");
  $("said").textContent = "Taken over.";
  // There is a key in it, and somebody may be streaming this page.
  $("paste").value = "";
  setAll(found);
});

setAll(values);
preview.size($("size").value);
