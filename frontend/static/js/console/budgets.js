// Budgets: what may be spent. A change stands at once, or nothing changes.

import { button, make } from "../dom.js";
import { confirmed, toast } from "../say.js";
import { api, dialogWith, field, form } from "./view.js";

const LIMITS = [
  ["workspace_daily_usd", "Everything, a day"],
  ["workspace_monthly_usd", "Everything, a month"],
  ["customer_daily_usd", "One customer, a day"],
  ["conversation_usd", "One conversation"],
];
const ROUTES = [
  ["answer", "Answers, a day"],
  ["draft", "Drafts, a day"],
];
const CHOICES = [
  ["extractive", "Compose answers from the passages alone"],
  ["handoff", "Hand over to a person"],
];

export function budgetActions(standing, again) {
  const edit = button("Edit", { symbol: "pencil", look: "button--small", "aria-label": "Edit the budgets", onclick: () => change(standing.limits, again) });
  const reset = standing.own && button("As in the settings", { symbol: "undo-2", look: "button--small button--quiet", "aria-label": "Set the budgets back", onclick: () => setBack(again) });
  return [reset, edit];
}

async function setBack(again) {
  if (!(await confirmed("Set the budgets back?", "The budgets in the settings stand again, at once.", "Set back"))) return;
  await api.delete("/api/admin/budgets").then(again, (problem) => toast(problem.message, { symbol: "circle-alert" }));
}

function change(limits, again) {
  const others = Object.keys(limits.route_daily_usd).filter((name) => !ROUTES.some(([known]) => known === name));
  const routes = [...ROUTES, ...others.map((name) => [name, `Route ${name}, a day`])];
  const send = async (given) => {
    await api.put("/api/admin/budgets", asked(given, routes));
    dialog.close();
    toast("The budgets stand from now on.");
    again();
  };
  const tokens = make("input", { class: "input", id: "turn_tokens", name: "turn_tokens", inputmode: "numeric", placeholder: "No limit", value: limits.turn_tokens ?? "", autocomplete: "off" });
  const when = make("select", { class: "input", id: "when_exhausted", name: "when_exhausted" }, CHOICES.map(([value, label]) => make("option", { value, selected: value === limits.when_exhausted }, label)));
  const dialog = dialogWith(
    "Edit the budgets",
    form(
      send,
      make("p", { class: "small" }, "In US dollars. An empty field is no limit; 0 lets nothing through. Days and months are those of UTC."),
      make("div", { class: "fields" }, LIMITS.map(([name, label]) => dollars(name, label, limits[name])), routes.map(([name, label]) => dollars(`route:${name}`, label, limits.route_daily_usd[name])), field("Tokens a turn", tokens)),
      field("When nothing fits any more", when, "A cheaper model is tried first."),
      make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Save")),
    ),
  );
}

function dollars(name, label, value) {
  return field(label, make("input", { class: "input", id: name, name, inputmode: "decimal", placeholder: "No limit", value: value ?? "", autocomplete: "off" }));
}

function asked(given, routes) {
  const chosen = Object.fromEntries(LIMITS.map(([name, label]) => [name, number(given.get(name), label)]));
  const each = routes.map(([name, label]) => [name, number(given.get(`route:${name}`), label)]).filter(([, limit]) => limit !== null);
  return { ...chosen, route_daily_usd: Object.fromEntries(each), turn_tokens: number(given.get("turn_tokens"), "Tokens a turn"), when_exhausted: given.get("when_exhausted") };
}

/** Many people write a comma where programs want a point. */
function number(text, label) {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  const value = Number(plain);
  if (!Number.isFinite(value) || value < 0) throw Object.assign(new Error(`“${label}” is “${text.trim()}”. Write a number such as 20 or 0.50, or leave it empty.`), { status: 0 });
  return value;
}
