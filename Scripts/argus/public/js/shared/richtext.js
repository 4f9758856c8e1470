// Texts of the mapping may contain <b> and </b>. Everything else in them is text, whatever it looks like.
import { h } from "../../../lib/dom.js";

/** "a <b>b</b>" → [{text: "a ", bold: false}, {text: "b", bold: true}]. A <b> that nobody ends goes to the end. */
export function segments(text) {
  const list = [];
  let bold = false;
  for (const piece of String(text ?? "").split(/(<\/?b>)/i)) {
    if (/^<b>$/i.test(piece)) bold = true;
    else if (/^<\/b>$/i.test(piece)) bold = false;
    else if (piece) list.push({ text: piece, bold });
  }
  return list;
}

/** The same as nodes. */
export const rich = (text) => segments(text).map((one) => (one.bold ? h("b", {}, one.text) : document.createTextNode(one.text)));
