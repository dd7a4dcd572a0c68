// The search playground: what a question finds, and how each of the two searches judged it.

import { badge, empty, icon, make, replace, skeleton } from "../dom.js";
import { percent, several } from "../moments.js";
import { linkOf, plain } from "../chat/citations.js";
import { score } from "./score.js";
import { api, card, show, view } from "./view.js";

const RESULTS = 12;
const input = make("input", { class: "input", type: "search", id: "q", name: "q", maxlength: "4000", placeholder: "Ask as a customer would", "aria-label": "Question", value: new URLSearchParams(location.search).get("q") ?? "" });
const results = make("div", { class: "stack" });
const asking = make("form", { class: "card__body row", role: "search", onsubmit: (event) => (event.preventDefault(), find()) }, make("span", { class: "search console__question" }, icon("search"), input), make("button", { class: "button button--main" }, "Search"));

replace(view, card(null, asking), results);
input.focus();
if (input.value) find();
else replace(results, card(null, empty("search", "Try a question", "See which passages it finds in the published snapshot, and how meaning and words were weighed.")));

function find() {
  const question = input.value.trim();
  if (!question) return;
  history.replaceState({}, "", `?${new URLSearchParams({ q: question })}`);
  replace(results, card(null, skeleton()));
  show(() => api.get(`/api/search?${new URLSearchParams({ q: question, k: RESULTS })}`), draw, results);
}

function draw({ data, coverage }) {
  if (data.length === 0) return card(null, empty("search", "Nothing found", "No passage of the published snapshot fits. Perhaps the article is missing or not published."));
  const said = make("span", { class: "small faint" }, `The best passage holds ${percent(coverage)} of the question's words, weighted by rarity.`);
  return card(several(data.length, "passage"), make("ol", { role: "list" }, data.map(drawHit)), { actions: [said] });
}

function drawHit(hit, index) {
  return make(
    "li",
    { class: "hit" },
    make("span", { class: "hit__rank" }, String(index + 1)),
    make(
      "div",
      {},
      hit.audience === "public" ? make("a", { href: linkOf(hit), target: "_blank", rel: "noopener" }, hit.title) : make("span", { class: "row" }, hit.title, badge(hit.audience, "badge--note")),
      make("p", { class: "hit__where" }, hit.heading),
      make("p", { class: "hit__text" }, plain(hit.text)),
    ),
    make("div", { class: "hit__scores" }, score("Blend", hit.score), score("Meaning", hit.cosine), score("Words", hit.lexical)),
  );
}
