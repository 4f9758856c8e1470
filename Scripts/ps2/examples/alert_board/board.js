// The board: the server sends all running alerts whenever one changes.

const board = document.getElementById("board");
const status = document.getElementById("status");
let latest = null;
let ahead = 0;
let pause = 1000;

function make(tag, properties, ...children) {
  const svg = tag === "svg" || tag === "rect";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SIDES = ["vs", "nc", "tr"];

/** Who holds how much of the continent, as a bar. */
function bar(alert) {
  let from = 0;
  const parts = SIDES.map((side) => {
    const part = make("rect", { class: side, x: from, y: 0, width: alert[side], height: 10 });
    from += alert[side];
    return part;
  });
  const words = SIDES.map((side) => `${side.toUpperCase()} ${alert[side]} %`).join(", ");
  return make("svg", { class: "share", viewBox: `0 0 ${Math.max(from, 1)} 10`, preserveAspectRatio: "none", role: "img", "aria-label": words }, ...parts);
}

function card(alert, now) {
  const minutes = Math.max(0, Math.floor((now - alert.since) / 60));
  const bonus = alert.bonus ? ` · ${alert.bonus} % more experience` : "";
  return make("section", { class: "alert" },
    make("h3", {}, alert.name ?? `Alert ${alert.kind}`),
    make("p", {}, `${alert.zone ? `${alert.zone} · ` : ""}for ${minutes} min${bonus}`),
    bar(alert),
    make("ul", { class: "legend" }, ...SIDES.map((side) => make("li", { class: side }, `${side.toUpperCase()} ${alert[side]} %`))));
}

function draw() {
  if (!latest) return;
  const now = Date.now() / 1000 + ahead;
  const worlds = new Map();
  for (const alert of latest.alerts) worlds.set(alert.world, [...(worlds.get(alert.world) ?? []), alert]);
  board.replaceChildren(...(worlds.size === 0
    ? [make("p", { class: "empty" }, "No alert is running, as far as this page has heard.")]
    : [...worlds].map(([world, alerts]) => make("section", { class: "world" }, make("h2", {}, world), ...alerts.map((alert) => card(alert, now))))));
}

function connect() {
  const socket = new WebSocket(new URL("/alerts/live", location.href.replace(/^http/, "ws")));
  socket.onopen = () => {
    pause = 1000;
    status.textContent = "Live";
  };
  socket.onmessage = (event) => {
    latest = JSON.parse(event.data);
    ahead = latest.now - Date.now() / 1000;
    draw();
  };
  socket.onclose = () => {
    status.textContent = "Connection lost – trying again";
    // Not all boards at once, when a server comes back.
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, 30000);
  };
}

connect();
setInterval(draw, 30000);
