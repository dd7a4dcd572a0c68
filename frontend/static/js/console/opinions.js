// What the judge said of a sample of answers, beside what people said of the same ones.

import { badge, empty, make } from "../dom.js";
import { count, percent, several, time } from "../moments.js";
import { money } from "./money.js";
import { api, card, show } from "./view.js";

const KINDS = [
  ["all", "All opinions"],
  ["wrong", "Faults that the judge found"],
  ["disputed", "Where people say the opposite"],
];
const NONE = { all: "No answer was judged yet.", wrong: "The judge found no fault.", disputed: "Wherever people spoke too, they said the same." };

export function drawOpinions(days, first) {
  if (!first.judged) return card("A second opinion", empty("quote", "No answer was judged yet", "Each night a model reads a sample of the answers and says whether they follow from their citations and answer their questions. Who judges, the route “Judgement” on the page Models says."));
  const list = make("div", {});
  const choice = make("select", { class: "input opinions__kind", "aria-label": "Which opinions", onchange: () => show(() => load(days, choice.value), (told) => rows(told, choice.value), list) }, KINDS.map(([value, label]) => make("option", { value }, label)));
  list.append(rows(first, "all"));
  const foot = make("p", { class: "small faint" }, `Judged by ${Object.entries(first.models).map(([name, number]) => `${name} (${count(number)})`).join(", ")}. What a model says of an answer is an opinion: it changes neither the calibration nor the answer.`);
  return card("A second opinion", [figures(first), list], { actions: [choice], foot });
}

export const load = (days, kind = "all") => api.get(`/api/admin/evaluations/opinions?days=${days}&kind=${kind}`);

function figures({ answers, judged, follows, answers_question: fits, agreement, calls, cost_micro_usd: cost }) {
  const { both, same, missed, strict } = agreement;
  const apart = [missed && `${several(missed, "fault")} missed`, strict && `${count(strict)} seen where there was none`].filter(Boolean).join(", ");
  const all = [
    ["Judged", count(judged), `of ${several(answers, "answer")}`],
    ["Follow from their citations", share(follows), interval(follows)],
    ["Answer the question", share(fits), interval(fits)],
    ["People agree", share(same), both ? [`of ${several(both, "answer")} with both`, apart && `; ${apart}`] : "no answer has both yet"],
    ["Cost", money(cost), several(calls, "call")],
  ];
  return make("dl", { class: "figures" }, all.map(([name, number, detail]) => make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, make("bdi", {}, number)), make("dd", {}, detail))));
}

const share = (found) => (found ? percent(found.value) : "–");
const interval = (found) => (found ? make("span", { title: "The interval in which the true share lies with 95 % confidence" }, `95 %: ${percent(found.low)} to ${percent(found.high)}`) : "");

function rows({ data }, kind) {
  if (data.length === 0) return make("p", { class: "card__body small faint" }, NONE[kind]);
  return make("ul", { class: "opinions", role: "list", "aria-label": "Opinions" }, data.map(row));
}

function row(one) {
  const marks = [
    one.follows ? badge("follows", "badge--good") : badge("does not follow", "badge--bad"),
    one.answers ? badge("answers the question", "badge--good") : badge("beside the question", "badge--bad"),
    one.people !== null && badge(one.people ? "people: right" : "people: wrong", one.disputed ? "badge--evidence" : "badge--plain"),
  ];
  return make(
    "li",
    { class: "opinion" },
    make("a", { class: "opinion__question", href: `/inbox/${one.conversation_id}`, dir: "auto" }, one.question),
    make("p", { class: "row" }, marks),
    one.reason && make("p", { dir: "auto" }, one.reason),
    make("div", { class: "opinion__said small" }, make("details", {}, make("summary", {}, "The answer"), make("p", { class: "opinion__answer", dir: "auto" }, one.answer)), make("span", { class: "faint" }, make("a", { href: `/console/decisions/${one.turn_id}` }, "The decision"), `, ${one.model}, `, time(one.created_at))),
  );
}
