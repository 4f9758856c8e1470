// Everything that can stand in an overlay's address, in one list: the overlay reads its options by it, and the configurator
// makes its form and its explanations from it. A new option needs a line here and whoever uses its value.
import { nearest } from "./nearest.js";

/** Longest text of one option; a longer one is a mistake. */
const TEXT_MAX = 200;

export const GROUPS = [
  ["channel", "Channel and delay"],
  ["content", "What to show"],
  ["place", "Where and how large"],
  ["look", "Colors"],
];

export const OPTIONS = [
  { name: "channel", group: "channel", kind: "text", default: "", label: "Channel", pattern: /^\d{1,20}$/, shape: "a Twitch id, digits only",
    explanation: "The Twitch id of the channel. It comes with the view key when you enter your token above." },
  { name: "key", group: "channel", kind: "text", default: "", label: "View key", secret: true, pattern: /^[\w-]{1,128}$/, shape: "letters and digits",
    explanation: "Only who has this key sees the run. Do not show it on stream: a spectator who has it could look ahead of your delay." },
  { name: "delay", group: "channel", kind: "number", default: 0, min: 0, max: 600, step: 1, unit: "s", label: "Delay",
    explanation: "Seconds that the overlay stays behind the game. For OBS leave 0: what OBS records is delayed with the picture. For a page that spectators look at, set the delay of your stream; its address has a key that is good for this delay only." },
  { name: "demo", group: "channel", kind: "switch", default: false, label: "Made-up run",
    explanation: "Shows a made-up run that changes every few seconds, without a connection. For placing the overlay before the stream; take it away afterwards." },

  { name: "panel", group: "content", kind: "many", default: ["run"], label: "Panels",
    choices: [["run", "Run"], ["arcana", "Arcana"], ["vows", "Vows"], ["pins", "Pins"]], all: "all",
    explanation: "Which panels there are, in this order; in the address separated by commas, or “all”. Pins are hidden while nothing is pinned." },
  { name: "show", group: "content", kind: "choice", default: "stack", label: "Several panels",
    choices: [["stack", "all at once"], ["tabs", "tabs to choose from"], ["rotate", "one after the other"]],
    explanation: "Tabs are for pages that somebody clicks on. In OBS, where nobody can click, let the panels take turns." },
  { name: "every", group: "content", kind: "number", default: 12, min: 3, max: 120, step: 1, unit: "s", label: "Turn",
    explanation: "Seconds that each panel stays when they take turns." },
  { name: "names", group: "content", kind: "switch", default: true, label: "Names",
    explanation: "Names beside the pictures. Without them it is smaller, and the names are on the card that a mouse or the Tab key brings up." },
  { name: "hide-empty", group: "content", kind: "switch", default: false, label: "Hide what is empty",
    explanation: "Leaves out empty slots, cards that are not active and vows that are not taken." },
  { name: "motion", group: "content", kind: "switch", default: true, label: "Motion",
    explanation: "Lets things that are new or have changed light up. Where the system asks for less motion there is none anyway." },

  { name: "position", group: "place", kind: "choice", default: "right-top", label: "Position",
    choices: [["right-top", "right, top"], ["right-bottom", "right, bottom"], ["left-top", "left, top"], ["left-bottom", "left, bottom"], ["fill", "fill the page"]],
    explanation: "The corner of the picture; or fill the whole page, as a panel of 320 pixels wants it." },
  { name: "width", group: "place", kind: "number", default: 320, min: 200, max: 900, step: 10, unit: "px", label: "Width of a panel",
    explanation: "Before the scale is applied. Without meaning where the page is filled." },
  { name: "scale", group: "place", kind: "number", default: 1, min: 0.5, max: 3, step: 0.05, unit: "×", label: "Scale",
    explanation: "Everything larger or smaller. 1.25 reads well on a stream of 1920 × 1080." },
  { name: "margin", group: "place", kind: "number", default: 16, min: 0, max: 400, step: 1, unit: "px", label: "Distance from the edge",
    explanation: "Between the corner and the panels." },

  { name: "accent", group: "look", kind: "color", default: "e9c46a", label: "Accent",
    explanation: "Headings, counters, and what lights up when something changes." },
  { name: "text", group: "look", kind: "color", default: "fbf3df", label: "Text", explanation: "The color of all other text." },
  { name: "plate", group: "look", kind: "color", default: "14101f", label: "Plates", explanation: "The color behind text and pictures." },
  { name: "plate-strength", group: "look", kind: "number", default: 82, min: 0, max: 100, step: 1, unit: "%", label: "Strength of the plates",
    explanation: "0 % lets the game shine through entirely, 100 % nothing of it." },
  { name: "background", group: "look", kind: "color", default: "none", none: "none", label: "Background",
    explanation: "The color of the rest of the page. “none” is transparent; a color helps where a program wants to cut it out." },
];

const byName = new Map(OPTIONS.map((option) => [option.name, option]));

/** What every option is when nobody says otherwise. */
export const defaults = () => Object.fromEntries(OPTIONS.map((option) => [option.name, option.default]));

/** One value from its text: {value} or {problem}. */
export function readValue(option, text) {
  const wrong = (what) => ({ problem: `“${option.name}” has to be ${what}, not “${text.slice(0, 40)}”.` });
  if (text.length > TEXT_MAX) return { problem: `“${option.name}” is longer than ${TEXT_MAX} characters.` };
  if (option.kind === "text") return text === "" || option.pattern.test(text) ? { value: text } : wrong(option.shape);
  if (option.kind === "number") {
    const value = Number(text);
    return text.trim() !== "" && value >= option.min && value <= option.max ? { value } : wrong(`a number from ${option.min} to ${option.max}`);
  }
  if (option.kind === "switch") {
    if (["1", "on", "yes", "true", ""].includes(text)) return { value: true };
    return ["0", "off", "no", "false"].includes(text) ? { value: false } : wrong("1 or 0");
  }
  if (option.kind === "color") {
    const bare = text.replace(/^#/, "").toLowerCase();
    if (bare === option.none || /^([\da-f]{3}|[\da-f]{6})$/.test(bare)) return { value: bare };
    return wrong(`a color such as e9c46a${option.none ? `, or ${option.none}` : ""}`);
  }
  const names = option.choices.map(([name]) => name);
  if (option.kind === "choice") return names.includes(text) ? { value: text } : wrong(`one of ${names.join(", ")}`);
  const parts = text.split(",").map((part) => part.trim()).filter(Boolean);
  if (parts.includes(option.all)) return { value: names };
  if (parts.length === 0 || !parts.every((part) => names.includes(part))) return wrong(`some of ${names.join(", ")}, or ${option.all}`);
  return { value: [...new Set(parts)] };
}

/** An address' options: {values, problems}. What is wrong or unknown is named and left at its default. */
export function read(search) {
  const values = defaults();
  const problems = [];
  for (const [name, text] of new URLSearchParams(search)) {
    const option = byName.get(name);
    if (!option) {
      const meant = nearest(name, [...byName.keys()]);
      problems.push(`“${name.slice(0, 40)}” is no option${meant ? `; “${meant}” is` : ""}.`);
      continue;
    }
    const { value, problem } = readValue(option, text);
    if (problem) problems.push(problem);
    else values[name] = value;
  }
  return { values, problems };
}

/** A value as it stands in an address. */
export function write(option, value) {
  if (option.kind === "switch") return value ? "1" : "0";
  if (option.kind === "many") return value.length === option.choices.length ? option.all : value.join(",");
  return String(value);
}

/** The address with everything that is not as by default. */
export function address(base, values) {
  const url = new URL(base);
  url.search = "";
  for (const option of OPTIONS) {
    const value = write(option, values[option.name]);
    if (value !== write(option, option.default)) url.searchParams.set(option.name, value);
  }
  // Commas may stand in an address as they are; so it stays readable.
  return url.href.replaceAll("%2C", ",");
}
