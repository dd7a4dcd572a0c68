// Two texts beside each other. What went is struck through, what came is underlined; a screen reader hears both.

import { make } from "../dom.js";
import { several } from "../moments.js";

/** A row of a comparison: {kind, heading, before, after, passages}, the sides as stretches of text. */
export function drawRow(row) {
  if (row.kind === "same") return make("p", { class: "stayed" }, `${several(row.passages, "passage")} unchanged`);
  return beside(row.heading, stretches(row.before), stretches(row.after));
}

/** Both sides under a heading; a side without text says so. */
export function beside(heading, before, after, labels = ["Before", "After"]) {
  const head = heading && make("div", { class: "beside__heading" }, heading);
  return make("div", { class: "beside", dir: "auto" }, head, side(labels[0], before), side(labels[1], after));
}

function side(label, content) {
  const none = content.length === 0;
  return make("div", { class: `beside__side ${none ? "is-none" : ""}` }, make("span", { class: "beside__label" }, label), none ? "Nothing" : content);
}

function stretches(all) {
  return all.map(({ kind, text }) => (kind === "same" ? text : make(kind === "added" ? "ins" : "del", {}, text)));
}
