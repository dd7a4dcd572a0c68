// How right the bot's own answers were, and how well that was foreseen.

import { empty, make } from "../dom.js";
import { count, percent, several } from "../moments.js";
import { drawReliability, drawRisk } from "./curve.js";
import { money, seconds } from "./money.js";
import { drawOpinions, load as opinions } from "./opinions.js";
import { api, card, show, table } from "./view.js";

const DAYS = 90;
const FIGURES = [
  ["auroc", "Tells right from wrong", "area under the ROC curve; 0.5 is a coin, 1 is perfect"],
  ["calibration_error", "Calibration error", "how far probabilities are from what came true; 0 is perfect"],
  ["brier", "Brier score", "squared distance of probabilities from outcomes; 0 is perfect"],
  ["coverage_at_80", "Answerable at 80 % right", "share of questions"],
  ["coverage_at_90", "Answerable at 90 % right", "share of questions"],
  ["coverage_at_95", "Answerable at 95 % right", "share of questions"],
];
const digits = new Intl.NumberFormat(document.documentElement.lang || undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

show(() => Promise.all([api.get(`/api/admin/evaluations?days=${DAYS}`), opinions(DAYS)]), draw);

function draw([told, judged]) {
  if (!told.turns) return card(null, empty("circle-check", "No conversations yet", "Figures stand here as soon as customers have asked and people have judged some answers."));
  return [overview(told), told.reliability.length ? [drawings(told), figures(told)] : tooFew(told), drawOpinions(DAYS, judged)];
}

function overview({ turns, verdicts, sentences, shown, latency_ms: took, cost_micro_usd: cost }) {
  const all = [
    [`Questions in ${DAYS} days`, count(turns), several(verdicts.all, "verdict")],
    ["Judged right", verdicts.all ? percent(verdicts.right / verdicts.all) : "–", `${count(verdicts.right)} of ${count(verdicts.all)}`],
    ["Sentences kept back", sentences.written ? percent(sentences.unsupported_share) : "–", `${count(sentences.dropped)} of ${count(sentences.written)} had no support`],
    ["Unsupported sentences shown", shown.unsupported_share ? percent(shown.unsupported_share.value) : "–", audited(shown)],
    ["Time to the whole answer", seconds(took?.p50), `19 of 20 within ${seconds(took?.p95)}`],
    ["Cost of a question", money(cost), "on average"],
  ];
  return make("dl", { class: "card figures" }, all.map(([name, number, detail]) => make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, number), make("dd", {}, detail))));
}

/** What the newest answers showed, held once more against nothing but their citations. */
function audited({ claims, unsupported, unsupported_share: share }) {
  if (!share) return "no answers yet";
  return `${count(unsupported)} of the last ${count(claims)}, 95 % interval ${percent(share.low)} to ${percent(share.high)}`;
}

function tooFew({ verdicts }) {
  const missing = Math.max(0, verdicts.needed - verdicts.all);
  return card("Were the probabilities right?", empty("star", `${several(missing, "verdict")} more`, `From ${count(verdicts.needed)} verdicts on, figures with their intervals stand here. Verdicts come from agents, drafts, ratings and customers who ask again.`));
}

function drawings(told) {
  const both = [
    ["Foreseen and true", drawReliability(told.reliability), "Dots on the dashed line are foreseen exactly. Above it the bot is too modest, below it too sure. A larger dot stands for more answers."],
    ["Risk and coverage", drawRisk(told.risk_coverage), "The share of wrong answers, when only the surest share of questions is answered. The lower and longer, the better."],
  ];
  return make("div", { class: "pair" }, both.map(([title, drawing, about]) => card(title, make("div", { class: "card__body evaluation__drawing" }, drawing, make("p", { class: "small faint" }, about)))));
}

function figures({ figures: measured, sources }) {
  const rows = FIGURES.filter(([name]) => measured[name]).map(([name, label, about]) => ({ label, about, ...measured[name] }));
  const columns = [
    ["Figure", (row) => [row.label, make("small", {}, row.about)], { main: true }],
    ["Value", (row) => digits.format(row.value), { number: true }],
    ["95 % interval", (row) => `${digits.format(row.low)} to ${digits.format(row.high)}`, { number: true }],
  ];
  const from = Object.entries(sources).map(([name, number]) => `${name}: ${count(number)}`).join(", ");
  return card("Figures", table("Figures", columns, rows), { foot: make("p", { class: "small faint" }, `Verdicts by their origin: ${from}. Answers that nobody judged are not in these figures; who judges is seldom a fair sample.`) });
}
