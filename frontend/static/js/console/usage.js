// What was spent: by day, by model, by purpose, and how the budgets stand.

import { badge, empty, icon, make, replace } from "../dom.js";
import { count, percent, time } from "../moments.js";
import { budgetActions } from "./budgets.js";
import { money, short } from "./money.js";
import { api, card, part, show, table } from "./view.js";

const RANGES = [7, 30, 90, 365];
const SCOPES = { workspace_day: "Everything, today", workspace_month: "Everything, this month", route_day: "Route, today", customer_day: "One customer, a day", conversation: "One conversation" };
const WHEN_SPENT = { extractive: "When not even a cheaper model fits, answers are composed from the passages alone.", handoff: "When not even a cheaper model fits, a person takes over." };
const DAY_MS = 86_400_000;
const TELLING_DAYS = 3;
const given = Number(new URLSearchParams(location.search).get("days"));
let days = RANGES.includes(given) ? given : 30;

const range = make("select", { class: "input usage__range", "aria-label": "Period", onchange: () => choose(Number(range.value)) }, RANGES.map((one) => make("option", { value: String(one), selected: one === days }, `${one} days`)));
const sheet = make("a", { class: "button", href: "" }, icon("download"), make("span", {}, "CSV"));
replace(part("actions"), range, sheet);
choose(days);

function choose(wanted) {
  days = wanted;
  sheet.href = `/api/admin/usage.csv?days=${days}`;
  history.replaceState({}, "", `?days=${days}`);
  show(load, draw);
}

async function load() {
  const [usage, standing] = await Promise.all([api.get(`/api/admin/usage?days=${days}`), api.get("/api/admin/budgets")]);
  return { usage, standing };
}

function draw({ usage, standing }) {
  const { calls } = usage;
  return [
    figures(usage),
    budgets(standing),
    card("Spent each day", calls.by_day.length ? make("div", { class: "card__body stack" }, chart(calls.by_day), asTable(calls.by_day)) : empty("chart-column", "No calls yet", "Every call of a model is counted here, with what it cost.")),
    calls.by_day.length && make("div", { class: "pair" }, shares("By model", "Model", calls.by_model), shares("By purpose", "Purpose", calls.by_purpose)),
  ];
}

function figures({ turns, calls: { total } }) {
  const tokens = total.input_tokens + total.output_tokens;
  const all = [
    ["Spent on models", money(total.cost_micro_usd), turns ? `${money(total.cost_micro_usd / turns)} a question` : `in ${days} days`],
    ["Questions", count(turns), `in ${days} days`],
    ["Calls of models", count(total.calls), turns ? `${(total.calls / turns).toFixed(1)} a question` : `in ${days} days`],
    ["Tokens", short(tokens), total.input_tokens ? `${percent(total.cache_read_tokens / total.input_tokens)} of what was asked came from caches` : "none yet"],
  ];
  return make("dl", { class: "card figures" }, all.map(([name, number, detail]) => make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, make("bdi", {}, number)), make("dd", {}, detail))));
}

function budgets(standing) {
  const { budgets: all, each, alerts, when_exhausted: then } = standing;
  const perOne = [
    each.customer_day_micro_usd !== null && `${money(each.customer_day_micro_usd)} a customer and day`,
    each.conversation_micro_usd !== null && `${money(each.conversation_micro_usd)} a conversation`,
    each.turn_tokens !== null && `${count(each.turn_tokens)} tokens a turn`,
  ].filter(Boolean);
  const none = all.length === 0 && perOne.length === 0;
  const actions = budgetActions(standing, () => show(load, draw));
  if (none) return card("Budgets", empty("lock", "No budget is set", "Set one here or in answerdesk.toml, and no call goes beyond it. Until then calls are only counted."), { actions });
  const bars = make("div", { class: "card__body shares" }, all.map(bar), perOne.length > 0 && make("p", { class: "small" }, `Also at most ${perOne.join(", ")}.`), make("p", { class: "small faint" }, WHEN_SPENT[then]));
  return card("Budgets", [bars, alerts.length > 0 && make("ul", { class: "alerts", role: "list", "aria-label": "Alerts" }, alerts.slice(0, 6).map(drawAlert))], { actions });
}

function bar(one) {
  const label = [SCOPES[one.scope], one.name && ` (${one.name})`];
  const held = one.reserved_micro_usd > 0 && `, ${money(one.reserved_micro_usd)} under way`;
  const shown = make("progress", { max: "1", value: String(Math.min(1, one.share)), class: level(one.share), "aria-label": `${SCOPES[one.scope]}: ${percent(one.share)} spent` });
  const ahead = one.scope === "workspace_month" && pace(one.spent_micro_usd);
  return make("div", { class: "share share--budget" }, make("span", {}, label), shown, make("bdi", {}, make("strong", {}, money(one.spent_micro_usd)), ` of ${money(one.limit_micro_usd)}`, held), ahead && make("p", { class: "share__ahead faint" }, `At this pace ${money(ahead)} by the end of the month`, ahead > one.limit_micro_usd && ", which is more than the budget", "."));
}

/** What the whole month comes to if it goes on like this; the first days say too little. */
function pace(spent) {
  const now = new Date();
  const [begin, end] = [0, 1].map((next) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + next));
  const gone = (now - begin) / (end - begin);
  return now - begin >= TELLING_DAYS * DAY_MS && spent ? spent / gone : null;
}

const level = (share) => (share >= 1 ? "is-full" : share >= 0.8 ? "is-high" : null);

function drawAlert(alert) {
  return make("li", {}, badge(alert.percent >= 100 ? "used up" : `${alert.percent} %`, alert.percent >= 100 ? "badge--bad" : "badge--evidence"), make("span", {}, SCOPES[alert.scope.split(":")[0]], ": ", `${money(alert.spent_micro_usd)} of ${money(alert.limit_micro_usd)}`, alert.percent >= 100 && ", and the next call does not fit"), time(alert.created_at));
}

/** Columns for the eye; the table below says the same to everybody. */
function chart(rows) {
  const found = new Map(rows.map((row) => [row.name, row.cost_micro_usd]));
  const last = Date.now();
  const all = Array.from({ length: Math.min(days, 90) }, (_, back) => new Date(last - back * DAY_MS).toISOString().slice(0, 10)).reverse();
  const most = Math.max(1, ...all.map((day) => found.get(day) ?? 0));
  const drawing = shape("svg", { viewBox: `0 0 ${all.length * 10} 100`, preserveAspectRatio: "none", class: "chart", "aria-hidden": "true" });
  all.forEach((day, index) => {
    const height = ((found.get(day) ?? 0) / most) * 96;
    const column = shape("rect", { x: index * 10 + 1.5, y: 100 - Math.max(height, 1), width: 7, height: Math.max(height, 1), class: height ? "chart__column" : "chart__none" });
    const title = shape("title", {});
    title.textContent = `${day}: ${money(found.get(day) ?? 0)}`;
    column.append(title);
    drawing.append(column);
  });
  return make("figure", { class: "stack" }, drawing, make("figcaption", { class: "chart__ends small faint" }, make("span", {}, all[0]), make("span", {}, `highest: ${money(most === 1 ? 0 : most)}`), make("span", {}, all.at(-1))));
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function asTable(rows) {
  return make("details", {}, make("summary", {}, "As a table"), table("Spent each day", [["Day", (row) => row.name, { main: true }], ...numbers], [...rows].reverse()));
}

const numbers = [
  ["Calls", (row) => count(row.calls), { number: true }],
  ["Tokens", (row) => count(row.input_tokens + row.output_tokens), { number: true }],
  ["Cost", (row) => money(row.cost_micro_usd), { number: true }],
];

function shares(title, heading, rows) {
  const ordered = [...rows].sort((one, other) => other.cost_micro_usd - one.cost_micro_usd || other.calls - one.calls);
  return card(title, table(title, [[heading, (row) => row.name, { main: true }], ...numbers], ordered));
}
