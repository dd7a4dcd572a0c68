// The way from an answer of the bot to all that its decision was made from, for those who may look.

import { make } from "../dom.js";

export function drawWhy({ turn_id: turn, state }) {
  if (!turn || state === "stopped") return null;
  return make("a", { class: "why", href: `/console/decisions/${turn}` }, "Why this answer?");
}
