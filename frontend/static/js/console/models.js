// The models: how each does, what it costs, who is tried in which order, and a test that streams.

import { badge, button, make } from "../dom.js";
import { count, percent, time } from "../moments.js";
import { money, seconds } from "./money.js";
import { drawRoutes } from "./routes.js";
import { tryModel } from "./trial.js";
import { api, card, show, table } from "./view.js";

const FAILING = 0.5;

const load = async () => {
  const [models, routes] = await Promise.all([api.get("/api/admin/models"), api.get("/api/admin/routes")]);
  return { models: models.data, routes };
};

const draw = () =>
  show(load, ({ models, routes }) => [
    card("Models", table("Models", columns, models), { actions: [make("span", { class: "small faint" }, "Health is that of the last 24 hours")] }),
    card("Routes", drawRoutes(routes, draw)),
    keys(models),
  ]);
draw();

const columns = [
  ["Model", (one) => [one.name, make("small", {}, [one.dialect, one.id].filter(Boolean).join(" · "))], { main: true }],
  ["State", state],
  ["Calls", (one) => count(one.health?.calls), { number: true }],
  ["Errors", errors, { number: true }],
  ["First word, whole answer", (one) => make("span", { class: "two-lines" }, pair(one.health?.first_text_ms), pair(one.health?.total_ms)), { number: true }],
  ["Today, this month", (one) => make("span", { class: "two-lines" }, make("span", {}, money(one.health?.today_micro_usd)), make("span", { class: "faint" }, money(one.health?.month_micro_usd))), { number: true }],
  ["", (one) => button("Test", { symbol: "play", look: "button--small", "aria-label": `Test ${one.name}`, onclick: () => tryModel(one.name, draw) }), { actions: true }],
];

function state(one) {
  if (one.key && !one.key.present && !one.base_url) return badge("key missing", "badge--bad");
  if (one.state === "open") return make("span", { title: "It failed too often. It is probed until it answers again." }, badge("not asked", "badge--bad"));
  if (!one.health?.calls) return badge("no calls yet");
  return one.health.error_rate >= FAILING ? badge("fails", "badge--bad") : badge("answers", "badge--good");
}

function errors(one) {
  if (!one.health?.calls) return "–";
  const last = one.health.last_error;
  return make("span", { title: last ? `Last: ${last.kind}` : null }, percent(one.health.error_rate), last && make("small", { class: "faint" }, ` ${last.kind} `, time(last.at)));
}

const pair = (times) => (times?.p50 === null || times?.p50 === undefined ? make("span", {}, "–") : make("span", { title: "Half of the calls are quicker than the first time, 95 of 100 than the second" }, `${seconds(times.p50)} / ${seconds(times.p95)}`));

function keys(models) {
  const rows = models.filter((one) => one.dialect !== "extractive");
  const facts = [
    ["Model", (one) => one.name, { main: true }],
    ["Key", (one) => (one.key ? make("span", { class: "row" }, "from environment ", make("code", {}, one.key.name), one.key.present ? badge("set", "badge--good") : badge(one.base_url ? "not needed" : "missing", one.base_url ? "" : "badge--bad")) : "none needed")],
    ["Address", (one) => one.base_url ?? "the provider's own"],
    ["Price for a million tokens", price],
  ];
  const told = make("p", { class: "card__body small faint" }, "Keys are read from environment variables when Answerdesk starts and are never shown. Models are written down in answerdesk.toml.");
  return card("Keys and prices", rows.length ? [table("Keys and prices", facts, rows), told] : told);
}

function price({ price: known }) {
  if (!known) return badge("unknown", "badge--evidence");
  const dollars = (value) => money(value * 1e6);
  return make("span", { title: known.source }, `${dollars(known.input)} in, ${dollars(known.cached_input)} cached, ${dollars(known.output)} out`);
}
