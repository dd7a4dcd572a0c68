// One decision with all that it was made from: what was asked, found, written and checked, and how sure that made us.

import { badge, button, failure, icon, make, replace } from "../dom.js";
import { atClock, exactly, percent, several, time } from "../moments.js";
import { announce } from "../say.js";
import { drawCourse } from "./course.js";
import { money } from "./money.js";
import { because, chance, OUTCOMES, ruled } from "./outcomes.js";
import { drawPassages } from "./passages.js";
import { drawScale } from "./scale.js";
import { drawSentences } from "./sentences.js";
import { api, card, part, show, subject } from "./view.js";
import { drawWeighing } from "./weighing.js";

const path = `/api/admin/decisions/${subject}`;
const NAMES = { name: "outcome", reason: "reason", probability: "probability", low: "lower end of the interval", high: "upper end of the interval", choices: "articles to choose from", components: "components" };
const CACHED = { exact: "the very same question", semantic: "a question that asks the same" };

const back = make("a", { href: "/console/decisions" }, "All decisions");
replace(part("lead"), back);
show(() => api.get(path), draw);

function draw(told) {
  const decision = { ...told.stored, thresholds: told.rules, by_rule: "rule" in told.stored.components };
  replace(part("title"), make("span", { dir: "auto" }, told.question || "A message without words"));
  replace(part("lead"), make("span", { class: "row" }, make("span", {}, "Asked ", time(told.at, exactly)), people(told), back));
  replace(part("actions"), make("a", { class: "button", href: `/inbox/${told.conversation_id}` }, icon("message-square"), "Open the conversation"));
  return make(
    "div",
    { class: "decision" },
    make("div", { class: "decision__main" }, verdict(told, decision), drawSentences(told), drawPassages(told), drawWeighing(told, decision)),
    make("div", { class: "decision__aside" }, drawCourse(told), work(told), standing(told)),
  );
}

function people({ verdict: right, rating }) {
  return [
    right !== null && badge(`an agent: ${right ? "right" : "wrong"}`, right ? "badge--good" : "badge--bad"),
    rating && badge(`the customer: ${rating === "up" ? "helped" : "did not help"}`, rating === "up" ? "badge--good" : "badge--bad"),
  ].filter(Boolean);
}

function verdict(told, decision) {
  const [, full] = because(decision.reason);
  const rewritten = told.searched && make("p", { class: "searched" }, make("span", { class: "label" }, told.parts.length ? "Searched as several questions" : "Searched as"), make("span", { class: "searched__words", dir: "auto" }, told.searched), make("small", { class: "faint" }, told.parts.length ? "Each was searched by itself, and the probability is that of the least sure one that is shown." : "A follow-up is completed from what was said before, and slips of the pen are mended."));
  const choices = decision.choices.length > 0 && make("p", { class: "searched" }, make("span", { class: "label" }, "Asked which of these was meant"), make("span", { dir: "auto" }, decision.choices.join(" · ")));
  const sure = ruled(decision) ? make("p", { class: "small faint" }, "A rule decided before anything was written. The probability that the articles answer is shown for comparison; it did not count.") : null;
  const shown = told.shown && make("details", { class: "unfold" }, make("summary", {}, "What the customer read"), make("p", { class: "unfold__text", dir: "auto" }, told.shown));
  const body = make("div", { class: "card__body stack" }, make("p", { class: "because" }, full), showsChance(decision) && drawScale(decision), sure, rewritten, choices, shown);
  return card(OUTCOMES[decision.name]?.[0] ?? decision.name, body, { foot: again(told) });
}

/** Small talk is always answered; a bar would say that it was weighed. */
const showsChance = (decision) => !(decision.name === "answer" && ruled(decision));

/** The decision follows from what is stored alone, which anybody may have proved. */
function again(told) {
  const said = make("div", { class: "again__said", role: "status" }, make("span", { class: "small faint" }, "It follows from what is stored here and from nothing else."));
  const press = button("Compute it again", { symbol: "rotate-ccw", look: "button--small", onclick: compute });

  async function compute() {
    press.disabled = true;
    press.setAttribute("aria-busy", "true");
    try {
      const fresh = await api.get(path);
      replace(said, outcome(fresh, told));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      replace(said, failure(problem));
      announce(problem.message);
    } finally {
      press.disabled = false;
      press.removeAttribute("aria-busy");
      press.focus();
    }
  }

  return make("div", { class: "again" }, said, press);
}

function outcome({ same, trouble, stored, now, differences }) {
  if (trouble) return make("p", { class: "row again__no" }, icon("circle-alert"), `It cannot be computed again. ${trouble}`);
  if (same) return make("p", { class: "row again__yes" }, icon("circle-check"), `The same result, computed at ${atClock(new Date())}: ${spoken(now)}.`);
  const rows = Object.entries(differences).map(([name, [was, is]]) => make("li", {}, `${NAMES[name] ?? name}: `, make("del", {}, plain(was)), " ", make("ins", {}, plain(is))));
  return [make("p", { class: "row again__no" }, icon("circle-alert"), `Another result: it was ${spoken(stored)} and is ${spoken(now)}.`), make("ul", { class: "again__differences" }, rows)];
}

const spoken = ({ name, probability }) => `${(OUTCOMES[name]?.[0] ?? name).toLowerCase()}, ${chance(probability)}`;
const plain = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function facts(rows) {
  return make("dl", { class: "told-facts" }, rows.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function work({ work: done, stored }) {
  const { models, cache, route, why, input_tokens: read, output_tokens: wrote, cost_micro_usd: cost, errors, calls } = done;
  const tokens = read + wrote > 0 && `${several(read, "token")} read, ${several(wrote, "token")} written`;
  const more = calls.filter(({ purpose }) => purpose !== "answer").map(({ purpose, model, cost_micro_usd: own }) => make("li", {}, `${purpose}: ${model}, ${money(own)}`));
  const rows = [
    ["Written by", models?.length ? [...new Set(models)].join(", then ") : stored.name === "clarify" ? null : "no model was asked"],
    ["From the cache", cache && `${CACHED[cache.kind] ?? cache.kind} (${percent(cache.similarity)} alike)`],
    ["Route", route && `${route}: ${why}`],
    ["Cost", [money(cost), tokens && make("small", {}, tokens)]],
    ["Beside the answer", more.length > 0 && make("ul", { role: "list" }, more)],
    ["Went wrong", errors?.length > 0 && make("ul", { role: "list" }, errors.map((one) => make("li", {}, one)))],
  ];
  return card("Who wrote", facts(rows));
}

function standing({ standing: { policy, calibration }, snapshot_id: snapshot, work: { prompt_version: prompt } }) {
  const by = policy.by === "settings" ? "from the settings" : policy.by && `by ${policy.by}`;
  const rows = [
    ["Policy", [make("a", { href: "/console/policy" }, `Version ${policy.version}`), make("small", {}, [policy.max_wrong !== undefined && `at most ${percent(policy.max_wrong)} wrong`, by, policy.version !== policy.now && `version ${policy.now} stands now`].filter(Boolean).join(", "))]],
    ["Calibration", [make("a", { href: "/console/policy" }, calibration.version), make("small", {}, calibration.version === calibration.now ? "it still stands" : `${calibration.now} stands now`)]],
    ["Snapshot", snapshot && make("a", { href: `/console/snapshots/${snapshot}` }, `…${snapshot.slice(-6)}`)],
    ["Prompt", prompt],
  ];
  return card("Decided under", facts(rows));
}
