// Articles that are written here: found by their words, begun with one press.

import { badge, button, empty, make, replace } from "../dom.js";
import { several, time } from "../moments.js";
import { toast } from "../say.js";
import { STATES } from "./states.js";
import { api, card, part, show, table, view } from "./view.js";

const PAUSE_MS = 250;

const list = make("div");
const overdue = make("input", { type: "checkbox", id: "overdue", onchange: () => find() });
const words = make("input", { class: "input", type: "search", id: "words", "aria-label": "Search articles", placeholder: "Search in titles and texts", oninput: () => later() });
let waiting;

replace(part("actions"), button("New article", { symbol: "plus", look: "button--main", onclick: begin }));
replace(view, card(null, make("div", {}, make("div", { class: "card__body row" }, words, make("label", { class: "choice", for: "overdue" }, overdue, "Overdue for review")), list)));
find();

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(find, PAUSE_MS);
}

function find() {
  return show(() => api.get(`/api/admin/articles?${new URLSearchParams({ q: words.value, overdue: overdue.checked })}`), ({ data }) => draw(data), list);
}

function draw(articles) {
  if (articles.length === 0 && overdue.checked) return empty("circle-check", "Nothing is overdue", "No published article is past its review date.");
  if (articles.length === 0 && words.value) return empty("search", "No article fits", "Try fewer words.");
  if (articles.length === 0) return empty("pencil", "No articles yet", "What customers keep asking and no document answers: write it down here.", button("New article", { look: "button--main", onclick: begin }));
  const columns = [
    ["Article", (one) => [make("a", { href: `/console/articles/${one.id}` }, one.title), make("small", {}, `/help/${one.slug}`)], { main: true }],
    ["State", (one) => badge(...STATES[one.state])],
    ["Category", (one) => one.category],
    ["Audience", (one) => badge(one.audience, one.audience === "public" ? "badge--good" : "badge--note")],
    ["Owner", (one) => one.owner],
    ["Review", review],
    ["Changed", (one) => make("span", { class: "two-lines" }, time(one.changed_at), make("small", { class: "faint" }, one.changed_by))],
  ];
  return [table("Articles", columns, articles), make("footer", { class: "card__foot small faint" }, several(articles.length, "article"))];
}

function review({ review_on: on, state }) {
  if (!on) return "";
  const overdue = state !== "draft" && on < new Date().toISOString().slice(0, 10);
  return overdue ? badge(`overdue since ${on}`, "badge--bad") : on;
}

async function begin() {
  try {
    const { id } = await api.post("/api/admin/articles", { title: "Untitled article" });
    location.assign(`/console/articles/${id}`);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
}
