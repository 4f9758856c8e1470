// Log files from and to the disk, and the messages kept in the browser.
import { notice, byId } from "./dom.js";
import { FileError, ObjectReader } from "./json_stream.js";
import { jsonOf, pause, slice } from "./slices.js";
import { SAVED_CHARACTERS_MAX } from "./storage.js";
import { count, short } from "./display.js";

// Characters looked at between two looks at the clock.
const PIECE = 65_536;

/** Reads objects out of pieces of text in slices and hands them on. → how many; throws FileError */
async function readObjects(pieces, take, progress = () => {}) {
  const reader = new ObjectReader();
  let total = 0;
  let late = slice();
  for await (const text of pieces) {
    for (let at = 0; at < text.length; at += PIECE) {
      let objects;
      try {
        objects = reader.read(text.slice(at, at + PIECE));
      } catch (error) {
        take(error.objects ?? []);
        throw error;
      }
      total += objects.length;
      take(objects);
      if (!late()) continue;
      progress(Math.min(PIECE, text.length - at));
      await pause();
      late = slice();
    }
  }
  reader.end();
  return total;
}

/** Shows a file's entries. @param take (objects) gets them. → whether all could be read */
export async function openFile(file, take) {
  const bar = byId("progress");
  const name = short(file.name, 60);
  byId("loading").hidden = false;
  bar.value = 0;
  let bytes = 0;
  const counting = new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const show = () => { bar.value = file.size ? bytes / file.size : 1; };
  let lines = 0;
  try {
    const pieces = file.stream().pipeThrough(counting).pipeThrough(new TextDecoderStream());
    await readObjects(pieces, (objects) => { lines += objects.length; take(objects); show(); }, show);
    notice(`${count(lines)} lines from ${name}`);
    return true;
  } catch (error) {
    const reason = error instanceof FileError ? error.message : "the file cannot be read";
    notice(`${name}: ${reason}.${lines > 0 ? ` The ${count(lines)} lines before it are shown.` : ""}`);
    return false;
  } finally {
    byId("loading").hidden = true;
  }
}

/** Hands the entries to the browser's downloads as `logs-<ms>.json`. */
export async function download(entries) {
  const { parts } = await jsonOf(entries);
  const url = URL.createObjectURL(new Blob(["[\n", ...parts.flatMap((part, i) => i === 0 ? [part] : [",\n", part]), "\n]\n"], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `logs-${Date.now()}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Saved lines lie in parts, so that no single write is long: under `name` how many, under `name.0`, `name.1`, … the parts.
const PARTS_MAX = 1000;

function forget(keep, name) {
  const parts = Number(keep.value(name)) || 0;
  for (let i = 0; i < Math.min(parts, PARTS_MAX); i += 1) keep.setText(`${name}.${i}`, null);
  keep.setText(name, null);
}

async function keepParts(keep, name, parts) {
  for (let i = 0; i < parts.length; i += 1) {
    // The number first: whatever has been written by then can be found and taken away.
    if (!keep.setValue(name, i + 1) || !keep.setText(`${name}.${i}`, parts[i])) return false;
    await pause();
  }
  return true;
}

/** Keeps the newest entries, as many as the browser has room for; none: forgets those kept. */
export async function save(keep, name, entries) {
  const all = entries.length;
  forget(keep, name);
  if (all === 0) return notice("Nothing to save: the saved lines have been removed.");
  for (let room = SAVED_CHARACTERS_MAX; room >= 10_000; room /= 2) {
    const { parts, lines } = await jsonOf(entries, room);
    if (lines === 0) break;
    if (await keepParts(keep, name, parts)) {
      return notice(lines === all ? `Saved ${count(lines)} lines in this browser.` : `Saved the newest ${count(lines)} of ${count(all)} lines: the browser has no room for more.`);
    }
    forget(keep, name);
  }
  notice("The browser has no room for the lines. Download writes them to a file.");
}

/** Reads what was saved. */
export async function restore(keep, name, take) {
  const parts = Math.min(PARTS_MAX, Number(keep.value(name)) || 0);
  const texts = Array.from({ length: parts }, (_, i) => keep.text(`${name}.${i}`) ?? "");
  try { await readObjects(texts, take); } catch { forget(keep, name); }
}
