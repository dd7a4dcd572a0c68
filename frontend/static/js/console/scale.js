// A probability on one bar: the point, the interval around it, and the thresholds that divide the bar into outcomes.

import { make } from "../dom.js";
import { percent } from "../moments.js";
import { chance, ruled } from "./outcomes.js";

const NEAR = 0.09;
const clamp = (value) => Math.min(1, Math.max(0, value));

/** Small, in a list: without words of its own, but with all of them for a screen reader. */
export function drawMark(decision) {
  return make("span", { class: `scale scale--small ${ruled(decision) ? "is-idle" : ""}`, role: "img", "aria-label": described(decision) }, bar(decision));
}

export function drawScale(decision) {
  const { answer_from: plain, caveat_from: caveat } = decision.thresholds;
  const near = plain - caveat < NEAR;
  return make(
    "figure",
    { class: `scale ${ruled(decision) ? "is-idle" : ""}` },
    make(
      "div",
      { class: "scale__drawing", role: "img", "aria-label": described(decision) },
      make("div", { class: "scale__above" }, at(decision.probability, make("span", { class: "scale__value" }, chance(decision.probability)))),
      bar(decision),
      make("div", { class: "scale__below" }, at(caveat, make("span", { class: near ? "is-before" : "" }, percent(caveat))), plain < 1 && at(plain, make("span", { class: near ? "is-behind" : "" }, percent(plain)))),
    ),
    make("figcaption", { class: "scale__key" }, key(decision)),
  );
}

function key({ thresholds: { answer_from: plain, caveat_from: caveat }, low, high }) {
  const all = [
    ["offer", `below ${percent(caveat)} a person is offered`],
    plain > caveat && ["caveat", plain < 1 ? `up to ${percent(plain)} a caveat stands by it` : `from ${percent(caveat)} on a caveat stands by it`],
    plain < 1 && ["answer", `from ${percent(plain)} on it is answered plainly`],
    high > low && ["interval", `${percent(0.9)} interval, ${chance(low)} to ${chance(high)}`],
  ];
  return make("ul", { role: "list" }, all.filter(Boolean).map(([kind, words]) => make("li", {}, make("span", { class: `scale__swatch scale__swatch--${kind}`, "aria-hidden": "true" }), words)));
}

function bar({ probability, low, high, thresholds: { answer_from: plain, caveat_from: caveat } }) {
  return make(
    "span",
    { class: "scale__bar", "aria-hidden": "true" },
    stretch("offer", 0, caveat),
    stretch("caveat", caveat, plain),
    stretch("answer", plain, 1),
    high > low && stretch("interval", low, high),
    at(probability, make("span", { class: "scale__point" })),
  );
}

function stretch(kind, from, to) {
  const shown = make("span", { class: `scale__stretch scale__stretch--${kind}` });
  shown.style.setProperty("--from", clamp(from));
  shown.style.setProperty("--to", clamp(to));
  return shown;
}

/** Something whose middle stands at this value, whichever way the page runs. */
function at(value, content) {
  const place = make("span", { class: "scale__place" }, content);
  place.style.setProperty("--at", clamp(value));
  return place;
}

function described(decision) {
  const { probability, low, high, thresholds: { answer_from: plain, caveat_from: caveat } } = decision;
  const interval = high > low ? `, with ${percent(0.9)} confidence between ${chance(low)} and ${chance(high)}` : "";
  const answered = plain < 1 ? `, a plain answer from ${percent(plain)}` : "";
  return `Probability ${chance(probability)}${interval}${ruled(decision) ? "; a rule decided before it counted" : ""}. Thresholds: a caveat from ${percent(caveat)}${answered}.`;
}
