// How a turn went: each step as a stretch of the time that it took, one below the other.

import { make } from "../dom.js";
import { several } from "../moments.js";
import { seconds } from "./money.js";
import { card } from "./view.js";

const PURPOSES = { answer: "writes", rewrite: "completes the question", draft: "drafts a reply", judge: "judges", summary: "sums up" };

export function drawCourse({ steps, work: { calls }, passages }) {
  const { found_ms: found, sentence_ms: first, answered_ms: end } = steps;
  if (end === null) return null;
  const rows = [
    found !== null && { name: "Search", from: 0, to: found, detail: several(passages.length, "passage") },
    ...calls.filter((call) => call.after_ms <= end).map((call) => ({ name: `${call.model} ${PURPOSES[call.purpose] ?? call.purpose}`, from: call.after_ms, to: Math.min(end, call.after_ms + call.total_ms), detail: call.error, look: "is-model" })),
    first !== null && { name: "Sentences checked and shown", from: first, to: end },
  ].filter(Boolean);
  const whole = Math.max(1, end);
  return card("How it went", make("ol", { class: "course", role: "list" }, rows.map((row) => drawRow(row, whole))), { actions: [make("span", { class: "small faint number" }, `${seconds(end)} in all`)] });
}

function drawRow({ name, from, to, detail, look = "" }, whole) {
  const bar = make("span", { class: `course__bar ${look}` });
  bar.style.setProperty("--from", from / whole);
  bar.style.setProperty("--to", Math.max(to, from + whole / 100) / whole);
  const told = [detail, from > 0 && `after ${seconds(from)}`].filter(Boolean).join(", ");
  return make("li", { class: "course__row" }, make("span", {}, name, told && make("small", {}, told)), make("span", { class: "number" }, seconds(to - from)), make("span", { class: "course__track", "aria-hidden": "true" }, bar));
}
