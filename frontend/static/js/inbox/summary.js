// The summary above a conversation: what an agent needs to know before reading all of it.

import { badge, icon, make, replace } from "../dom.js";
import { recall, remember } from "../keep.js";
import { time } from "../moments.js";

const SHOWN = "summary-shown";
const ROOM = "(min-width: 56rem)";

/** Draws it into the section, which is hidden while there is none. On a phone it is folded at first; what an agent chose is remembered. */
export function drawSummary(section, summary) {
  section.hidden = !summary;
  if (!summary) return replace(section);
  const { text, kind, model, behind, created_at: written } = summary;
  const made = kind === "model" ? badge(`by ${model}`, "badge--plain") : badge("from what was said", "badge--plain");
  const fold = make(
    "details",
    { class: "summary__fold", open: recall(SHOWN) ?? matchMedia(ROOM).matches, ontoggle: () => remember(SHOWN, fold.open) },
    make("summary", { class: "summary__head" }, icon("chevron-right", "icon--small icon--directed summary__mark"), make("span", { class: "summary__title" }, "Summary"), made, behind && badge("more was said since", "badge--note"), make("span", { class: "summary__when" }, time(written))),
    make("p", { class: "summary__text", dir: "auto" }, text),
  );
  return replace(section, fold);
}
