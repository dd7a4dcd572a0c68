// Whether an answer of the bot was right, as an agent says it. The calibration learns from it.

import { button, make } from "../dom.js";
import { announce, toast } from "../say.js";

const SHOWN = new Set(["answer", "caveat"]);
const CHOICES = [
  [true, "Right", "thumbs-up"],
  [false, "Wrong", "thumbs-down"],
];

export function drawVerdict(api, { turn_id: turn, decision }, said) {
  if (!turn || !SHOWN.has(decision)) return null;
  const path = `/api/inbox/turns/${turn}/verdict`;
  const buttons = CHOICES.map(([right, label, symbol]) => button(`This answer was ${label.toLowerCase()}`, { symbol, text: false, look: "button--quiet button--small verdict__choice", "aria-pressed": String(said === right), onclick: () => say(right) }));

  async function say(right) {
    const taken = said === right;
    try {
      await (taken ? api.delete(path) : api.put(path, { right }));
      said = taken ? undefined : right;
      buttons.forEach((one, index) => one.setAttribute("aria-pressed", String(CHOICES[index][0] === said)));
      announce(taken ? "Your verdict was taken back." : `Noted as ${right ? "right" : "wrong"}.`);
    } catch (problem) {
      toast(problem.message, { symbol: "circle-alert" });
    }
  }

  return make("span", { class: "verdict", role: "group", "aria-label": "Was this answer right?" }, buttons);
}
