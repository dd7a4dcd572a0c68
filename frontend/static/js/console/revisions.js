// The states that an article had: compare one with the editor, and bring it back.

import { badge, button, make, replace } from "../dom.js";
import { drawDifferences } from "../inbox/diff.js";
import { time } from "../moments.js";
import { api, show } from "./view.js";

export function drawHistory(place, address, written, restore) {
  const shown = make("div", { class: "stack" });
  show(() => api.get(`${address}/revisions`), ({ data }) => [make("ol", { class: "revisions", role: "list" }, data.map((one) => row(one))), shown], place);

  function row(one) {
    const look = button("Compare", { look: "button--small", "aria-label": `Compare state ${one.number} with the editor`, onclick: () => compare(one.number) });
    return make("li", { class: "revisions__one" }, make("strong", {}, `${one.number}`), make("span", { class: "clip" }, one.title), make("span", { class: "small faint" }, one.changed_by, ", ", time(one.changed_at)), one.published_at && badge("published", "badge--good"), look);
  }

  function compare(number) {
    return show(() => api.get(`${address}/revisions/${number}`), ({ said }) => [make("h3", {}, `From state ${number} to the editor`), make("div", { class: "compared", tabindex: "0" }, changes(said, written())), make("div", { class: "row" }, button("Bring this state back", { symbol: "rotate-ccw", look: "button--main", onclick: () => restore(said) }))], shown);
  }
}

export function changes(before, after) {
  const same = before.text === after.text && before.title === after.title;
  if (same) return make("p", { class: "faint" }, "Title and text are the same.");
  return [before.title !== after.title && make("p", {}, drawDifferences(before.title, after.title)), make("div", { class: "compared__text" }, drawDifferences(before.text, after.text))];
}
