// What went into the probability, part by part, each with what it means, from the search up to the calibration.

import { make } from "../dom.js";
import { count, percent } from "../moments.js";
import { chance, ruled } from "./outcomes.js";
import { card } from "./view.js";

const SEARCH = [
  ["cosine", "Nearest in meaning", "how near the nearest passage is to the question in meaning"],
  ["gap", "Stands out", "how far the first passage is ahead of the others"],
  ["lexical", "Shared words", "how much the best passage has of the question's words; rare ones count more"],
  ["coverage", "Covered words", "which share of the question's words, weighed by rarity, the first passage holds"],
  ["agreement", "Both searches agree", "which share of the first five passages by meaning are also among the first five by words"],
  ["known", "Known words", "which share of the question's words some passage holds"],
];

export function drawWeighing({ stored: { components }, basis }, decision) {
  if (ruled(decision) && !basis.found) return null;
  const found = [search("cosine" in components ? components : basis.signals), "p_answerable" in components && sum("The articles answer this", components.p_answerable, "all of these weighed together, before anything was written")];
  const body = "score" in components ? [found, written(components), outcome(decision)] : [found, decision.by_rule && sum("The articles answer this", decision.probability, "all of these weighed together and calibrated; nothing was written")];
  return card("What the probability is made of", make("div", { class: "weighing" }, body));
}

function search(signals) {
  const words = Math.round(Math.expm1(signals.length));
  return group("What the search says", [...SEARCH.map(([name, label, means]) => line(label, means, signals[name].toFixed(2), signals[name])), line("Length", "how many different words with a content the question has; longer questions are found more surely", count(words))]);
}

function written({ claims, kept, looked = "", refused, conflicts, review_due: due, score, parts = 0, parts_missing: missing = 0 }) {
  const lines = [
    line("Claims with support", "of the sentences that say something that could be wrong; each one that was kept back lowers the probability", `${count(kept)} of ${count(claims)}`, claims ? kept / claims : 0),
    looked !== "" && line("A second look", "how probable our reader finds it that these words answer the question", percent(looked), looked),
    parts > 0 && line("Questions answered", "the message asks several things; what the search says is told of the least sure one that is shown", `${count(parts - missing)} of ${count(parts)}`, (parts - missing) / parts),
    line("Contradicting articles", "another passage says something else of the same; this lowers the probability", conflicts ? count(conflicts) : "none"),
    refused > 0 && line("No answer found", `the model said that the passages do not answer; then at most ${percent(0.05)} are left`, "yes"),
    due && line("Overdue for review", "a cited article was to be looked at by this day; the answer gets a caveat", due),
  ];
  return [group("What was written", lines.filter(Boolean)), sum("Looks right", score, "search and writing together, before calibration")];
}

function outcome({ probability, low, high }) {
  return sum("Is right", probability, `the share of answers with such a score that were right; with ${percent(0.9)} confidence it lies between ${chance(low)} and ${chance(high)}`, true);
}

const group = (title, lines) => make("section", { class: "weighing__group" }, make("h3", {}, title), make("dl", {}, lines));

function line(label, means, shown, share = null) {
  const bar = share !== null && make("progress", { class: "bar", max: "1", value: String(Math.max(0, share)), "aria-hidden": "true" });
  return make("div", { class: "weighing__line" }, make("dt", {}, label, make("small", {}, means)), make("dd", {}, bar, make("span", { class: "number" }, shown)));
}

function sum(label, value, means, last = false) {
  return make("p", { class: `weighing__sum ${last ? "is-last" : ""}` }, make("span", {}, make("strong", {}, label), make("small", {}, means)), make("strong", { class: "number" }, chance(value)));
}
