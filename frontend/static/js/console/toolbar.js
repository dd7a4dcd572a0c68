// A toolbar over a Markdown field: one tab stop, arrows move inside it, and every tool has its keys.

import { button, make } from "../dom.js";

const TOOLS = [
  ["Bold", "bold", { around: "**", key: "b" }],
  ["Italic", "italic", { around: "_", key: "i" }],
  ["Heading", "heading", { before: "## ", key: "h" }],
  ["Link", "link", { link: true, key: "k" }],
  ["List", "list", { before: "- ", key: "u" }],
  ["Numbered list", "list-ordered", { before: "1. ", key: "o" }],
  ["Quotation", "quote", { before: "> ", key: "q" }],
  ["Code", "code", { around: "`", key: "e" }],
];

export function toolbarFor(text) {
  const tools = TOOLS.map(([label, symbol, tool], at) => button(`${label} (Ctrl+${tool.key.toUpperCase()})`, { symbol, text: false, look: "button--quiet button--small", tabindex: at === 0 ? "0" : "-1", "aria-keyshortcuts": `Control+${tool.key}`, onclick: () => apply(text, tool) }));
  const bar = make("div", { class: "toolbar", role: "toolbar", "aria-label": "Formatting", "aria-controls": text.id, onkeydown: (event) => move(event, tools) }, tools);
  text.addEventListener("keydown", (event) => {
    const tool = (event.ctrlKey || event.metaKey) && !event.altKey && TOOLS.find(([, , one]) => one.key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    apply(text, tool[2]);
  });
  return bar;
}

function move(event, tools) {
  const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
  const steps = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, Home: -tools.length, End: tools.length };
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  const at = tools.indexOf(document.activeElement);
  const next = Math.abs(step) === 1 ? (at + step + tools.length) % tools.length : step < 0 ? 0 : tools.length - 1;
  tools.forEach((tool, index) => tool.setAttribute("tabindex", index === next ? "0" : "-1"));
  tools[next].focus();
}

function apply(text, { around, before, link }) {
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  if (before) return lines(text, before);
  if (link) return put(text, `[${chosen || "words"}](https://)`, chosen ? -1 : 1, chosen ? 0 : 5);
  const bare = chosen.length > 2 * around.length && chosen.startsWith(around) && chosen.endsWith(around);
  if (bare) return put(text, chosen.slice(around.length, -around.length), 0, chosen.length - 2 * around.length);
  const said = chosen || "words";
  put(text, around + said + around, around.length, said.length);
}

/** Every line that the selection touches gets the mark, or loses it when all have it. */
function lines(text, mark) {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const after = text.value.indexOf("\n", text.selectionEnd);
  const end = after < 0 ? text.value.length : after;
  const all = text.value.slice(start, end).split("\n");
  const marked = all.every((line) => line.startsWith(mark));
  text.setSelectionRange(start, end);
  put(text, all.map((line) => (marked ? line.slice(mark.length) : mark + line)).join("\n"), null, 0);
}

/** As if it were typed, so that the browser's undo takes it back. A negative place counts from the end. */
function put(text, said, from, length) {
  const start = text.selectionStart;
  text.focus();
  if (!document.execCommand("insertText", false, said)) {
    text.setRangeText(said, start, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (from === null) return;
  const at = from < 0 ? start + said.length + from : start + from;
  text.setSelectionRange(at, at + length);
}
