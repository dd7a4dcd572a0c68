// One score of a passage as a bar with its number.

import { make } from "../dom.js";

export function score(name, value) {
  const shown = make("progress", { max: "1", value: String(Math.max(0, value)), "aria-hidden": "true" });
  return make("div", { class: "share" }, make("span", {}, name), shown, make("span", {}, value.toFixed(2)));
}
