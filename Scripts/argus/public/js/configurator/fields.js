// The form, made from the list of options: one field each, with its explanation and its name in the address.
import { h } from "../../../lib/dom.js";
import { GROUPS, OPTIONS, readValue, write } from "../shared/options.js";

const heading = (option) => [option.label, h("code", {}, option.name)];

function control(option, id, changed) {
  const common = { id, "aria-describedby": `${id}-explanation ${id}-problem`, autocomplete: "off" };
  if (option.kind === "number") {
    const input = h("input", { ...common, type: "number", min: option.min, max: option.max, step: option.step, inputmode: "decimal", oninput: () => changed(input.value) });
    return { nodes: h("div", { class: "row" }, input, h("span", { class: "quietly" }, option.unit)), set: (value) => { input.value = value; }, input };
  }
  if (option.kind === "choice") {
    const input = h("select", { ...common, onchange: () => changed(input.value) }, option.choices.map(([value, words]) => h("option", { value }, words)));
    return { nodes: input, set: (value) => { input.value = value; }, input };
  }
  if (option.kind === "color") {
    const input = h("input", { ...common, type: "color", oninput: () => { if (none) none.checked = false; changed(input.value); } });
    const none = option.none && h("input", { type: "checkbox", onchange: () => changed(none.checked ? option.none : input.value) });
    const full = (value) => (value.length === 3 ? [...value].map((digit) => digit + digit).join("") : value);
    return {
      nodes: h("div", { class: "row" }, input, none && h("label", { class: "choice" }, none, option.none)),
      set: (value) => { if (none) none.checked = value === option.none; if (value !== option.none) input.value = `#${full(value)}`; },
      input,
    };
  }
  const input = h("input", { ...common, type: option.secret ? "password" : "text", spellcheck: "false", maxlength: "200", oninput: () => changed(input.value.trim()) });
  return { nodes: input, set: (value) => { input.value = value; }, input };
}

function switchField(option, id, changed) {
  const input = h("input", { id, type: "checkbox", "aria-describedby": `${id}-explanation`, onchange: () => changed(input.checked ? "1" : "0") });
  return { label: h("label", { class: "choice", for: id }, input, h("span", {}, ...heading(option))), set: (value) => { input.checked = value; }, input };
}

function manyField(option, id, changed) {
  const boxes = option.choices.map(([value, words]) => ({ value, words, box: h("input", { type: "checkbox", onchange: () => changed(boxes.filter(({ box }) => box.checked).map((one) => one.value).join(",")) }) }));
  return {
    group: h("fieldset", { "aria-describedby": `${id}-explanation ${id}-problem` }, h("legend", {}, ...heading(option)),
      h("div", { class: "row" }, boxes.map(({ box, words }) => h("label", { class: "choice" }, box, words)))),
    set: (value) => boxes.forEach((one) => { one.box.checked = value.includes(one.value); }), input: boxes[0].box,
  };
}

/** The form's groups into `root`. `changed(name, value)` hears every change that is right. Returns {set(values)}. */
export function build(root, changed) {
  const fields = new Map();
  for (const [group, title] of GROUPS) {
    const list = OPTIONS.filter((option) => option.group === group).map((option) => {
      const id = `option-${option.name}`;
      const problem = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
      const heard = (text) => {
        const answer = readValue(option, text);
        problem.textContent = answer.problem ?? "";
        if (answer.problem) field.input.setAttribute("aria-invalid", "true"); else field.input.removeAttribute("aria-invalid");
        if (!answer.problem) changed(option.name, answer.value);
      };
      const field = option.kind === "switch" ? switchField(option, id, heard) : option.kind === "many" ? manyField(option, id, heard) : control(option, id, heard);
      fields.set(option.name, {
        set(value) { field.set(option.kind === "number" ? write(option, value) : value); problem.textContent = ""; field.input.removeAttribute("aria-invalid"); },
      });
      return h("div", { class: "field" }, field.label ?? field.group ?? [h("label", { for: id }, ...heading(option)), field.nodes],
        h("p", { class: "explanation", id: `${id}-explanation` }, option.explanation), problem);
    });
    root.append(h("section", { class: "box", "aria-label": title }, h("h2", {}, title), h("div", { class: "fields" }, list)));
  }
  return { set: (values) => fields.forEach((field, name) => field.set(values[name])) };
}
