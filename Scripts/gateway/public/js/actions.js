// Shutting down and rebooting services, and the token it takes.
import { $, h } from "../../lib/dom.js";
import { toast } from "../../lib/watch.js";
import { adminToken, tell } from "./api.js";

/** Takes the answer to the question that was asked last; null if there is none. */
let finish = null;

// The browser tells of a closed dialog a little later: by then the next question may be open.
$("ask").addEventListener("close", () => { if (!$("ask").open) finish?.(); });

/** Asks in a dialog; answers with the fields' values, or null if it was cancelled. */
function ask(title, text, yes, fields) {
  finish?.();
  const dialog = $("ask");
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-yes").textContent = yes;
  const inputs = fields.map(({ id, type, required }) =>
    h("input", { id: `ask-${id}`, name: id, type, required, autocomplete: "off", spellcheck: "false", maxlength: "200" }));
  $("ask-fields").replaceChildren(...fields.flatMap(({ id, label }, at) => [h("label", { for: `ask-${id}` }, label), inputs[at]]));
  dialog.returnValue = "cancel";
  return new Promise((done) => {
    finish = () => {
      finish = null;
      const values = Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()]));
      $("ask-fields").replaceChildren();
      done(dialog.returnValue === "yes" ? values : null);
    };
    // Enter means yes, although the button that cancels comes first.
    $("ask-form").onkeydown = (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      $("ask-yes").click();
    };
    dialog.showModal();
    (dialog.querySelector("input") ?? $("ask-yes")).focus();
  });
}

/** The button in the header: asks for the administrator's token, or forgets it. */
export function wireAdmin(changed) {
  const button = $("admin");
  const label = () => { button.textContent = adminToken.get() ? "Sign off" : "Administer"; };
  button.addEventListener("click", async () => {
    if (adminToken.get()) {
      adminToken.set("");
    } else {
      const values = await ask("Administer this gateway", "With the administrator's token you can tell services to stop or to restart. It is kept until this tab is closed.",
        "Go on", [{ id: "token", label: "Administrator's token", type: "password", required: true }]);
      if (values) adminToken.set(values.token);
    }
    label();
    changed();
  });
  label();
  return label;
}

const WORDS = {
  shutdown: { verb: "Shut down", done: "told to shut down", text: "It is expected to close its connection; if it is still there after ten seconds, it is closed." },
  reboot: { verb: "Reboot", done: "told to reboot", text: "It is expected to start again by itself and to come back." },
};

/** Asks once more, then tells the services. */
export async function act(what, target, refused) {
  const words = WORDS[what];
  const whom = target === "*" ? "everybody" : target;
  const values = await ask(`${words.verb} ${whom}?`, words.text, `${words.verb} ${whom}`, [{ id: "reason", label: "Reason (optional, the services see it)", type: "text" }]);
  if (!values) return;
  try {
    const answer = await tell(what, target, values.reason);
    if (answer.refused) {
      adminToken.set("");
      refused();
    }
    toast(answer.problem ?? `${answer.sent} ${answer.sent === 1 ? "service was" : "services were"} ${words.done}.`);
  } catch {
    toast("The server could not be reached; nothing was sent.");
  }
}
