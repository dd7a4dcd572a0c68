// Decisions: what became of each question, the newest first, and the way to all that stands behind it.

import { button, empty, make, replace } from "../dom.js";
import { several, time } from "../moments.js";
import { announce } from "../say.js";
import { because, chance, OUTCOMES, outcomeOf, REASONS, ruled } from "./outcomes.js";
import { drawMark } from "./scale.js";
import { paged } from "./unfolding.js";
import { api, card, field, view } from "./view.js";

const PAGE = 40;
const DAYS = [
  ["1", "Last day"],
  ["7", "Last 7 days"],
  ["30", "Last 30 days"],
  ["90", "Last 90 days"],
  ["366", "Last year"],
];
const USUAL = "30";
const wanted = new URLSearchParams(location.search);
const fields = {
  words: make("input", { class: "input", type: "search", id: "words", name: "words", maxlength: "100", placeholder: "Words of the question", autocomplete: "off", value: wanted.get("words") ?? "" }),
  outcome: choice("outcome", "Every outcome", Object.entries(OUTCOMES).map(([name, [label]]) => [name, label])),
  reason: choice("reason", "Every reason", Object.entries(REASONS).map(([name, [label]]) => [name, label])),
  least: share("least", "0"),
  most: share("most", "100"),
  days: make("select", { class: "input", id: "days", name: "days" }, DAYS.map(([value, label]) => make("option", { value, selected: value === (wanted.get("days") ?? USUAL) }, label))),
};
const list = make("div");
const sought = make(
  "form",
  { class: "card__body filters sought", role: "search", onchange: find, onsubmit: (event) => (event.preventDefault(), find()) },
  field("Question", fields.words),
  field("Outcome", fields.outcome),
  field("Reason", fields.reason),
  make("fieldset", { class: "between" }, make("legend", { class: "label" }, "Probability in %"), fields.least, make("span", { "aria-hidden": "true" }, "–"), fields.most),
  field("Asked", fields.days),
);
const heads = make("div", { class: "decided decided-head", "aria-hidden": "true" }, ["Question", "Outcome", "Probability", "Asked"].map((name) => make("span", {}, name)));
replace(view, card(null, sought), make("section", { class: "card", "aria-label": "Decisions" }, heads, list));
find();

function choice(name, every, options) {
  return make("select", { class: "input", id: name, name }, [["", every], ...options].map(([value, label]) => make("option", { value, selected: value === (wanted.get(name) ?? "") }, label)));
}

function share(name, usual) {
  return make("input", { class: "input number", type: "number", id: name, name, min: "0", max: "100", step: "1", inputmode: "numeric", placeholder: usual, "aria-label": name === "least" ? "Probability from, in percent" : "Probability to, in percent", value: wanted.get(name) ?? "" });
}

/** What was asked for; what stands at its usual value is left out. */
function chosen() {
  const said = Object.entries(fields).map(([name, input]) => [name, input.value.trim()]);
  return new URLSearchParams(said.filter(([name, value]) => value && !(name === "days" && value === USUAL)));
}

function query(after) {
  const asked = chosen();
  for (const name of ["least", "most"]) if (asked.has(name)) asked.set(name, String(Number(asked.get(name)) / 100));
  asked.set("days", fields.days.value);
  asked.set("limit", PAGE);
  if (after) asked.set("after", after);
  return asked;
}

function find() {
  const asked = chosen();
  history.replaceState({}, "", asked.size ? `?${asked}` : location.pathname);
  const load = async (after) => {
    const page = await api.get(`/api/admin/decisions?${query(after)}`);
    announce(page.data.length ? `${several(page.data.length, "decision")} ${after ? "more" : "shown"}.` : "No decision fits.");
    return page;
  };
  replace(list, paged(load, drawRow, () => nothing(asked), "Older decisions"));
}

function nothing(asked) {
  if (asked.size) return empty("search", "Nothing found", "No decision fits this search.", button("Search for everything", { onclick: clear }));
  return empty("message-square", "No decisions yet", "As soon as customers ask, each answer stands here with all that it was made from.");
}

function clear() {
  for (const input of Object.values(fields)) input.value = "";
  fields.days.value = USUAL;
  find();
  fields.words.focus();
}

function drawRow(row) {
  const [short] = because(row.reason);
  return make(
    "article",
    { class: "decided" },
    make("div", { class: "decided__asked" }, make("a", { class: "decided__question", href: `/console/decisions/${row.turn_id}`, dir: "auto" }, row.question || "A message without words"), make("p", { class: "decided__why" }, short)),
    make("div", { class: "decided__outcome" }, outcomeOf(row.outcome)),
    make("div", { class: "decided__sure" }, drawMark(row), make("span", { class: "number", "aria-hidden": "true" }, ruled(row) ? "rule" : chance(row.probability))),
    make("div", { class: "decided__when" }, time(row.at)),
  );
}
