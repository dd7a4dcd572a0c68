// What was written, sentence by sentence, with what the check made of each: kept, or kept back and why.

import { badge, empty, icon, make } from "../dom.js";
import { count, percent } from "../moments.js";
import { card } from "./view.js";

const KEPT = {
  verbatim: "Stands word for word in its passage.",
  supported: "Its passage carries it.",
  reworded: "It says in other words what its passage says.",
  courtesy: "Claims nothing, and needs no passage.",
};
const DROPPED = {
  unsupported: "No passage carries it.",
  doubted: "Its words stand in a passage, but it does not follow from it.",
  number: "It has a number that its passage does not have.",
  unit: "It has a unit that its passage does not have.",
  name: "It has a name that no passage has.",
  address: "It has an address that no passage has.",
  negation: "Its passage says the opposite.",
  contrary: "Its passage says the contrary.",
  exchanged: "Its passage says this of something else.",
  link: "It leads to a site that answers may not link to.",
  refusal: "It says that there is no answer.",
  empty: "It has no words.",
};
const found = (share) => ` ${share} of its weight is found there.`;
const likely = (share) => ` The reader holds that for ${share} likely.`;
const MEASURES = { supported: found, unsupported: found, reworded: likely };
const SIGNS = /\[(\d{1,3})\](?!\()|`([^`]+)`|\*\*/g;

export function drawSentences({ sentences, passages, basis }) {
  if (sentences.length === 0) return basis.written ? card("Sentence by sentence", empty("file-text", "Nothing was written", "The model ended without a sentence.")) : null;
  const kept = sentences.filter((one) => one.kept).length;
  const away = sentences.length - kept;
  const told = make("span", { class: "row" }, badge(`${count(kept)} shown`, "badge--good"), away > 0 && badge(`${count(away)} kept back`, "badge--bad"));
  return card("Sentence by sentence", make("ol", { class: "checked", role: "list" }, sentences.map((one) => drawOne(one, passages.length))), { actions: [told] });
}

function drawOne({ text, kept, score, reason, counts }, found) {
  const words = (kept ? KEPT : DROPPED)[reason] ?? reason;
  const share = score > 0 && (MEASURES[reason]?.(percent(score)) ?? "");
  const said = text === null || text === undefined ? make("p", { class: "faint" }, "The words of this sentence were not stored then.") : make("p", { class: "checked__text", dir: "auto" }, linked(text, found));
  return make(
    "li",
    { class: `checked__one ${kept ? "" : "is-dropped"}` },
    icon(kept ? "circle-check" : "circle-x"),
    make("div", {}, said, make("p", { class: "checked__why" }, make("strong", {}, kept ? "Shown" : "Kept back"), " ", words, share, counts === false && " Another model wrote after it, so it did not count.")),
  );
}

/** The markers lead to their passages further down, and code looks like code. */
function linked(text, found) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(SIGNS)) {
    parts.push(text.slice(from, match.index), sign(match, found));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function sign([whole, number, code], found) {
  if (code) return make("code", {}, code);
  if (!number) return "";
  return Number(number) <= found ? make("a", { class: "cite", href: `#passage-${number}`, "aria-label": `Passage ${number}` }, number) : whole;
}
