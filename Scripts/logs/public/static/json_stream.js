// Reads a log file piece by piece: an array of objects, or objects one after the other. JSON.parse of the whole would stop the
// page for as long as it takes.

/** One object may be this long. */
export const OBJECT_LENGTH_MAX = 8_000_000;

const QUOTE = 0x22, BACKSLASH = 0x5c, OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d, COMMA = 0x2c;
const BETWEEN = new Set([0x20, 0x09, 0x0a, 0x0d, COMMA, OPEN_BRACKET, CLOSE_BRACKET, 0xfeff]);

/** `objects`: what was complete before the fault, and has not been handed out yet. */
export class FileError extends Error {
  objects = [];
}

/** Finds the objects in a text that comes in pieces. */
export class ObjectReader {
  #rest = "";
  #scanned = 0;
  #depth = 0;
  #inString = false;
  #brackets = 0;
  /** Characters before #rest. */
  #offset = 0;

  /** → the objects that end in this piece. Throws FileError. */
  read(piece) {
    const objects = [];
    try {
      this.#scan(this.#rest + piece, objects);
    } catch (error) {
      if (error instanceof FileError) error.objects = objects;
      throw error;
    }
    return objects;
  }

  #scan(text, objects) {
    let begin = this.#depth > 0 ? 0 : -1;
    let i = this.#scanned;
    for (; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (this.#inString) {
        if (code === BACKSLASH) i += 1; // whatever follows does not end the string, even in the next piece
        else if (code === QUOTE) this.#inString = false;
      } else if (this.#depth > 0) {
        if (code === QUOTE) this.#inString = true;
        else if (code === OPEN_BRACE) this.#depth += 1;
        else if (code === CLOSE_BRACE && --this.#depth === 0) {
          objects.push(this.#parse(text.slice(begin, i + 1), begin));
          begin = -1;
        }
      } else if (code === OPEN_BRACE) {
        begin = i;
        this.#depth = 1;
      } else if (BETWEEN.has(code)) {
        if (code === OPEN_BRACKET) this.#brackets += 1;
        if (code === CLOSE_BRACKET) this.#brackets -= 1;
        if (this.#brackets < 0 || this.#brackets > 1) throw new FileError(`a bracket too many at character ${this.#offset + i}`);
      } else {
        throw new FileError(`no log entry at character ${this.#offset + i}`);
      }
    }
    const kept = begin < 0 ? text.length : begin;
    this.#rest = text.slice(kept);
    this.#scanned = i - kept;
    this.#offset += kept;
    if (this.#rest.length > OBJECT_LENGTH_MAX) throw new FileError(`an entry longer than ${OBJECT_LENGTH_MAX} characters`);
  }

  /** The text is over. Throws FileError where something is missing. */
  end() {
    if (this.#depth > 0 || this.#brackets !== 0) throw new FileError("the end is missing");
  }

  #parse(text, begin) {
    try { return JSON.parse(text); } catch { throw new FileError(`no valid JSON in the entry at character ${this.#offset + begin}`); }
  }
}
