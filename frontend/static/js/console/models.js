// The models: how each does, whose key it is asked with, who is tried in which order, what they cost; and a test.

import { badge, button, make } from "../dom.js";
import { count, percent, time } from "../moments.js";
import { money, seconds } from "./money.js";
import { drawKeys } from "./provider_keys.js";
import { drawRoutes } from "./routes.js";
import { tryModel } from "./trial.js";
import { api, card, show, table } from "./view.js";

const FAILING = 0.5;

const load = async () => {
  const [models, routes, keys] = await Promise.all(["models", "routes", "provider-keys"].map((name) => api.get(`/api/admin/${name}`)));
  return { models: models.data, routes, keys };
};

const draw = () =>
  show(load, ({ models, routes, keys }) => [
    overview(models),
    card("Models", make("div", { class: "models" }, table("Models", columns, models)), { foot: make("p", { class: "small faint" }, "The last 24 hours. Half of the calls are quicker than the time above, 19 of 20 than the one below.") }),
    drawKeys(keys, draw),
    card("Routes", drawRoutes(routes, draw)),
    prices(models),
  ]);
draw();

function overview(models) {
  const sum = (of) => models.reduce((all, one) => all + (of(one.health ?? {}) || 0), 0);
  const providers = models.filter((one) => one.dialect !== "extractive");
  const well = providers.filter((one) => !trouble(one));
  const [calls, errors] = [sum((one) => one.calls), sum((one) => one.errors)];
  const all = [
    ["Ready to answer", `${count(well.length)} of ${count(providers.length)}`, providers.length ? "models of providers" : "answers come from the passages alone"],
    ["Calls in 24 hours", count(calls), errors ? `${percent(errors / calls)} failed` : calls ? "none failed" : "no calls yet"],
    ["Spent today", money(sum((one) => one.today_micro_usd)), "since midnight, UTC"],
    ["This month", money(sum((one) => one.month_micro_usd)), make("a", { href: "/console/usage" }, "Usage and budgets")],
  ];
  return make("dl", { class: "card figures" }, all.map(([name, number, detail]) => make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, make("bdi", {}, number)), make("dd", {}, detail))));
}

const columns = [
  ["Model", (one) => [one.name, make("small", {}, make("bdi", {}, one.id ?? "needs no provider")), one.id && make("small", {}, one.dialect)], { main: true }],
  ["State", state],
  ["Calls", calls, { number: true }],
  ["First word", (one) => both(...times(one.health?.first_text_ms)), { number: true }],
  ["Whole answer", (one) => both(...times(one.health?.total_ms)), { number: true }],
  ["Spent", (one) => both(`${money(one.health?.today_micro_usd)} today`, `${money(one.health?.month_micro_usd)} this month`), { number: true }],
  ["", (one) => button("Test", { symbol: "play", look: "button--small", "aria-label": `Test ${one.name}`, onclick: () => tryModel(one.name, draw) }), { actions: true }],
];

const both = (first, second) => make("span", { class: "two-lines" }, make("bdi", {}, first), second && make("bdi", { class: "faint" }, second));
const times = (found) => (found?.p50 === null || found?.p50 === undefined ? ["–"] : [seconds(found.p50), seconds(found.p95)]);

/** What keeps a model from answering, in two words and a sentence. */
function trouble(one) {
  if (one.key?.needed && !one.key.present) return one.key.stored ? ["key unreadable", "Its stored key cannot be read: see below."] : ["key missing", "It is not asked until it has a key."];
  if (one.state === "open") return ["not asked", "It failed too often, and is probed until it answers."];
  return one.health?.calls && one.health.error_rate >= FAILING ? ["fails", "Others of its route stand in."] : null;
}

function state(one) {
  const found = trouble(one);
  if (found) return make("span", { class: "state" }, badge(found[0], "badge--bad"), make("small", { class: "faint" }, found[1]));
  return one.health?.calls ? badge("answers", "badge--good") : badge("no calls yet");
}

function calls(one) {
  const { calls: asked, errors, error_rate: share, last_error: last } = one.health ?? {};
  if (!asked) return both("0");
  if (!errors) return both(count(asked), "none failed");
  return make("span", { class: "two-lines" }, make("bdi", {}, count(asked)), make("bdi", { class: "faint" }, `${percent(share)} failed`), make("small", { class: "faint" }, `${last.kind.replaceAll("_", " ")}, `, time(last.at)));
}

const PRICES = [
  ["Model", (one) => [one.name, make("small", {}, make("bdi", {}, one.base_url ?? "the provider's own address"))], { main: true }],
  ["Input", (one) => price(one, "input"), { number: true }],
  ["Cached input", (one) => price(one, "cached_input"), { number: true }],
  ["Output", (one) => price(one, "output"), { number: true }],
  ["From", (one) => (one.price ? one.price.source : badge("price unknown", "badge--evidence"))],
];

function prices(models) {
  const rows = models.filter((one) => one.dialect !== "extractive");
  const told = make("p", { class: "small faint" }, "US dollars for a million tokens; long prompts may cost more. Models, addresses and prices of your own are written down in answerdesk.toml.");
  return rows.length > 0 && card("Prices", table("Prices", PRICES, rows), { foot: told });
}

const price = (one, name) => make("bdi", {}, one.price ? money(one.price[name] * 1e6) : "–");
