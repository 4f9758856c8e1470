// The log viewer's page: puts the parts together and gives them their turns.
import { Bookmarks } from "./bookmarks.js";
import { Connection, endpoint, roomOf } from "./connection.js";
import { Details } from "./details.js";
import { short, visible } from "./display.js";
import { byId, nextFrame, notice, setText } from "./dom.js";
import { download, openFile, restore, save } from "./files.js";
import { ListInput } from "./list_input.js";
import { ListView } from "./list_view.js";
import { Menu } from "./menu.js";
import { Model } from "./model.js";
import { Panel } from "./panel.js";
import { fillRow, makeRow } from "./row_view.js";
import { SearchBar } from "./search_bar.js";
import { later, slice } from "./slices.js";
import { Keep, browserStorage, sessionStore } from "./storage.js";
import { KEEP_LINES_MAX } from "./store.js";
import { Toolbar } from "./toolbar.js";

// Entries taken in between two looks at the clock.
const BATCH_MAX = 2000;
const FLASH_MS = 1600;
const ROOM_SHOWN_MAX = 40;
const PHASES = { connecting: "Connecting …", online: "Live", waiting: "Reconnecting …", ended: "Not connected", file: "File" };

const room = roomOf(location.href);
const messagesKey = `messages.${room ?? ""}`;
const bookmarksKey = `bookmarks.${room ?? ""}`;
const keep = new Keep(browserStorage());
const model = new Model();

let incoming = [];
let working = false;
let drawing = false;
let anchor = null;
let hovered = null;
let flashing = null;
let jumpToHit = false;
let viewingFile = false;
let loading = false;

// The turns: work is done in slices, and what it has changed is drawn with the next frame.

function wake() {
  if (working) return;
  working = true;
  later(work);
}

function work() {
  const late = slice();
  while (incoming.length > 0 && !late()) {
    const batch = incoming.splice(0, BATCH_MAX);
    change(() => model.addLive(batch));
  }
  change(() => model.advance(late));
  if (jumpToHit) goToFirstHit();
  working = incoming.length > 0 || model.pending;
  if (working) later(work);
}

/** Changes the rows; the one at the top stays there. */
function change(body) {
  if (!list.auto) anchor ??= list.anchor();
  body();
  draw();
}

function draw() {
  if (drawing) return;
  drawing = true;
  nextFrame(() => {
    drawing = false;
    drawNow();
  });
}

function drawNow() {
  const { rows, search, selection } = model;
  list.rows = rows;
  if (anchor && !list.auto && rows.length > 0 && rows[anchor.index]?.entry !== anchor.row.entry) {
    const same = rows.findIndex(({ entry }) => entry === anchor.row.entry);
    list.hold(same >= 0 ? same : model.pipeline.nearest(anchor.row.entry), anchor);
  }
  anchor = null;
  marker = search.marker;
  list.draw();
  const active = selection.active ? list.elements.find(({ row }) => row.entry === selection.active && row.skipped === 0) : null;
  if (active) list.scroller.setAttribute("aria-activedescendant", active.id);
  else list.scroller.removeAttribute("aria-activedescendant");
  details.show(selection.active);
  searchBar.draw(model.pending);
  toolbar.draw();
  byId("busy").hidden = !model.pipeline.pending;
  setText(byId("empty"), rows.length > 0 ? "" : model.store.entries.length > 0 ? "All lines are hidden by level or user." : "No lines yet.");
}

// The list.

let marker = null;

function look(entry) {
  return {
    selected: model.selection.has(entry), active: model.selection.active === entry, bookmarked: model.bookmarks.has(entry),
    flash: flashing === entry, dim: hovered !== null && entry.actor.id !== hovered, current: model.search.entry === entry,
    marker, query: marker ? model.search.query : "",
  };
}

const list = new ListView({
  scroller: byId("list"),
  make: makeRow,
  fill: (element, row, index, total) => fillRow(element, row, index, total, look(row.entry)),
  onauto: (on) => { byId("auto").checked = on; },
});

const input = new ListInput({ model, list, on: { changed: draw, menu: openMenu, remove: deleteSelected } });

byId("auto").addEventListener("change", (event) => { list.auto = event.target.checked; });

document.addEventListener("copy", (event) => {
  const { selection, rows } = model;
  if (selection.size === 0 || !getSelection().isCollapsed || document.activeElement !== list.scroller) return;
  const lines = rows.filter(({ entry, skipped }) => skipped === 0 && selection.has(entry)).map(({ entry }) => entry.line);
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
});

// Menu, bookmarks, deleting.

const menu = new Menu({ element: byId("menu"), onchoose: (action) => ({ bookmark, unmark, delete: deleteSelected })[action]() });

function openMenu(x, y, back = list.scroller) {
  const { selection, bookmarks } = model;
  if (selection.size === 0) return;
  const usable = new Set(["delete"]);
  for (const entry of selection.entries) {
    usable.add(bookmarks.has(entry) ? "unmark" : "bookmark");
    if (usable.size === 3) break;
  }
  menu.open({ x, y, usable, back });
}

function bookmark() {
  const wanted = [...model.selection.entries].filter((entry) => !model.bookmarks.has(entry));
  const added = model.bookmarks.add(wanted);
  if (added < wanted.length) notice(`Only ${model.bookmarks.list.length} lines can be bookmarked.`);
  bookmarksChanged();
}

function unmark() {
  model.bookmarks.remove([...model.selection.entries].map((entry) => entry.key));
  bookmarksChanged();
}

function bookmarksChanged() {
  keep.setValue(bookmarksKey, model.bookmarks.saved());
  panel.showBookmarks();
  draw();
}

function deleteSelected() {
  change(() => model.deleteSelected());
  wake();
}

function jumpTo(key) {
  const entry = Bookmarks.find(key, model.store.entries);
  if (!entry) return notice("That line is not in the list.");
  const index = model.pipeline.indexOf(entry);
  if (index < 0) return notice("That line is hidden by its level, its user or a filter.");
  model.selection.moveTo(entry);
  list.rows = model.rows;
  list.show(index);
  flashing = entry;
  draw();
  setTimeout(() => {
    if (flashing === entry) flashing = null;
    draw();
  }, FLASH_MS);
}

// Panel, search, toolbar, details.

const panel = new Panel({
  model,
  on: {
    filters() {
      model.filtersChanged();
      keep.setValue("filters", model.filters.saved());
      wake();
    },
    jump: jumpTo,
    unmark(key) {
      model.bookmarks.remove([key]);
      bookmarksChanged();
    },
    toggled(open) {
      byId("panel-button").setAttribute("aria-expanded", open);
      if (!open) byId("panel-button").focus();
    },
  },
});

const searchBar = new SearchBar({
  search: model.search,
  on: {
    query(text) {
      model.search.set(text);
      jumpToHit = model.search.active;
      draw();
      wake();
    },
    go: goToHit,
    closed: () => list.scroller.focus({ preventScroll: true }),
  },
});

function goToHit(direction) {
  jumpToHit = false;
  const index = model.search.go(direction, model.rows, list.first);
  if (index < 0) return;
  list.rows = model.rows;
  list.show(index);
  draw();
}

/** While a query is typed its first hit from the top of the view on is shown, as soon as it is known. */
function goToFirstHit() {
  const { hits } = model.search;
  if (!model.pending && hits.length === 0) jumpToHit = false;
  else if (hits.length > 0 && (!model.pending || hits.at(-1) >= list.first)) goToHit(1);
}

const toolbar = new Toolbar({
  model,
  on: {
    level(rank) { model.setLevel(rank); wake(); },
    actor(id) { model.toggleActor(id); wake(); },
    hover(id) { hovered = id; draw(); },
  },
});

const details = new Details({
  on: {
    menu() { input.menuAtActive(); },
    closed() {
      model.selection.clear();
      draw();
      list.scroller.focus({ preventScroll: true });
    },
  },
});

byId("panel-button").addEventListener("click", () => panel.toggle());
byId("panel-close").addEventListener("click", () => panel.toggle(false));
byId("search-button").addEventListener("click", () => searchBar.open());
byId("clear").addEventListener("click", () => {
  incoming = [];
  anchor = null;
  model.clear();
  list.auto = byId("auto").checked = true;
  draw();
});
byId("save").addEventListener("click", () => save(keep, messagesKey, model.store.entries));
byId("download").addEventListener("click", () => download(model.store.entries));
byId("open").addEventListener("click", () => byId("file").click());
byId("file").addEventListener("change", ({ target }) => {
  if (target.files.length > 0) viewFile(target.files[0]);
  target.value = "";
});
byId("live").addEventListener("click", () => location.reload());

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (command && key === "b") panel.toggle();
  else if (command && key === "f") searchBar.open();
  else if (key === "f3" && !searchBar.shown) searchBar.open();
  else if (key === "f3") goToHit(event.shiftKey ? -1 : 1);
  else if (key === "escape" && searchBar.shown) searchBar.close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

// Files.

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
}
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  if (event.dataTransfer.files.length > 0) viewFile(event.dataTransfer.files[0]);
});

/** Shows a file instead of what the server logs. */
async function viewFile(file) {
  if (loading) return notice("Another file is still being read.");
  loading = true;
  const name = visible(short(file.name, ROOM_SHOWN_MAX));
  if (!viewingFile) connection.stop();
  viewingFile = true;
  incoming = [];
  anchor = null;
  model.clear();
  list.auto = byId("auto").checked = false;
  list.scroller.scrollTop = 0;
  showPhase("file", name);
  await openFile(file, (objects) => {
    change(() => model.add(objects));
    wake();
  });
  loading = false;
}

// The connection.

function showPhase(phase, text = PHASES[phase]) {
  byId("connection").dataset.phase = phase;
  setText(byId("phase"), text);
  byId("live").hidden = !viewingFile;
}

function received(text) {
  let values;
  try { values = JSON.parse(text); } catch { return; } // "pong" is no entry
  for (const value of Array.isArray(values) ? values : [values]) incoming.push(value);
  // A page that cannot keep up does without the oldest, as the list does.
  if (incoming.length > KEEP_LINES_MAX) incoming.splice(0, incoming.length - KEEP_LINES_MAX);
  if (working) return;
  working = true;
  nextFrame(work);
}

// Kept as long as the tab: it opens the server's log.
const session = new Keep(sessionStore());

function askForToken(open = byId("token-form").hidden) {
  byId("token-form").hidden = !open;
  byId("token-button").setAttribute("aria-expanded", String(open));
  if (open) byId("token").focus();
}

byId("token-button").addEventListener("click", () => askForToken());

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  byId("token").value = "";
  session.setText("token", token || null);
  askForToken(false);
  if (!viewingFile) connection.moveTo(endpoint(location.href, room, token));
});

const connection = new Connection({
  url: endpoint(location.href, room, session.text("token")),
  on: {
    frame: received,
    phase: showPhase,
    status(level, text) {
      change(() => model.status(level, text));
      wake();
    },
    wrongToken() {
      session.setText("token", null);
      askForToken(true);
    },
  },
});

document.title = room === null ? "Live logs" : `Live logs: ${visible(room)}`;
setText(byId("room"), room === null ? "all rooms" : visible(short(room, ROOM_SHOWN_MAX)));
byId("hint").hidden = room !== null;
model.filters.restore(keep.value("filters"));
model.bookmarks.restore(keep.value(bookmarksKey));
panel.showFilters();
panel.showBookmarks();
showPhase("connecting");
draw();
await restore(keep, messagesKey, (objects) => {
  change(() => model.add(objects));
  wake();
});
if (!viewingFile) connection.start();
