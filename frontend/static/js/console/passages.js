// The passages that a question found, how each was scored, which of them a model read, and which were cited.

import { linkOf, plain, sectionOf } from "../chat/citations.js";
import { badge, empty, make } from "../dom.js";
import { several } from "../moments.js";
import { score } from "./score.js";
import { card } from "./view.js";

const BEST = 3;

export function drawPassages({ passages, basis }) {
  if (passages.length === 0) return basis.intent.small_talk ? null : card("Passages found", empty("search", "No passage", "The search brought nothing for this question."));
  const read = passages.filter((one) => one.read).length;
  const cited = passages.filter((one) => one.cited).length;
  const said = make("span", { class: "small faint" }, read ? `${several(passages.length, "passage")} found, ${read} read by who wrote, ${cited} cited` : `${several(passages.length, "passage")} found, none given to a model`);
  const [first, rest] = apart(passages, read);
  const list = (some) => make("ol", { role: "list" }, some.map(drawOne));
  const folded = rest.length > 0 && make("details", { class: "unread" }, make("summary", {}, read ? `${several(rest.length, "passage")} found and not read` : several(rest.length, "further passage")), list(rest));
  return card("Passages found", [list(first), folded], { actions: [said] });
}

/** What was read, and what was not; where nobody read, the best and the others. */
function apart(passages, read) {
  const shown = (one) => (read ? one.read || one.cited : one.number <= BEST);
  return [passages.filter(shown), passages.filter((one) => !shown(one))];
}

function drawOne({ number, cited, passage, quotes, score: blended, cosine, lexical, answers }) {
  const scores = [["Blend", blended], ["Meaning", cosine], ["Words", lexical], ["Reader", answers]].filter(([, value]) => typeof value === "number");
  return make(
    "li",
    { class: "hit found-passage", id: `passage-${number}`, tabindex: "-1" },
    make("span", { class: cited ? "source__number" : "hit__rank", "aria-hidden": "true" }, String(number)),
    make("div", {}, passage ? told(passage, quotes, cited) : make("p", { class: "faint" }, "This passage is no longer stored.")),
    make("div", { class: "hit__scores" }, scores.map(([name, value]) => score(name, value))),
  );
}

function told(passage, quotes, cited) {
  const internal = passage.audience !== "public";
  const href = internal ? `/console/documents/${passage.document_id}` : linkOf(passage);
  return [
    make("p", { class: "row" }, make("a", { href }, passage.title), cited && badge("cited", "badge--evidence"), internal && badge(passage.audience, "badge--note")),
    make("p", { class: "hit__where" }, sectionOf(passage)),
    make("p", { class: "hit__text", dir: "auto" }, marked(passage, quotes)),
  ];
}

/** The text with the cited stretches marked; their places count from the start of the document, in code points. */
function marked({ text, start }, quotes) {
  const points = [...text];
  const parts = [];
  let from = 0;
  for (const quote of [...quotes].sort((one, other) => one.start - other.start)) {
    const [begin, end] = [Math.max(from, quote.start - start), Math.min(points.length, quote.end - start)];
    if (end <= begin) continue;
    parts.push(plain(points.slice(from, begin).join("")), " ", make("mark", {}, plain(points.slice(begin, end).join(""))), " ");
    from = end;
  }
  return [...parts, plain(points.slice(from).join(""))];
}
