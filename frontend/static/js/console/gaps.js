// Gaps: what customers keep asking and no document answers, with a draft of the missing article.

import { badge, button, empty, make } from "../dom.js";
import { several, time } from "../moments.js";
import { announce, toast } from "../say.js";
import { api, card, show } from "./view.js";

show(
  () => api.get("/api/admin/gaps"),
  ({ data }) => (data.length ? data.map(drawGap) : card(null, empty("circle-check", "No gaps", "Questions that end in the offer of a person are gathered here each night, those that ask alike together."))),
);

function drawGap(gap) {
  const title = `gap-${gap.id}`;
  return make(
    "article",
    { class: "card gap", "aria-labelledby": title },
    make(
      "header",
      { class: "gap__head" },
      make("div", { class: "gap__count", "aria-hidden": "true" }, String(gap.count)),
      make("div", {}, make("h2", { id: title, dir: "auto" }, gap.question), make("p", { class: "small faint" }, `Asked ${several(gap.count, "time")}, last `, time(gap.last_asked_at))),
    ),
    gap.examples.length > 1 && make("details", { class: "gap__asked" }, make("summary", {}, "Asked like this"), make("ul", {}, gap.examples.map((text) => make("li", { dir: "auto" }, text)))),
    gap.draft ? drawDraft(gap) : make("p", { class: "gap__wait small faint" }, "A draft is written once this was asked twice, in the night after."),
  );
}

function drawDraft(gap) {
  const text = make("pre", { class: "gap__draft", dir: "auto", tabindex: "0", "aria-label": `Draft for “${gap.question}”` }, gap.draft);
  const by = gap.model ? badge(`drafted by ${gap.model}`, "badge--plain") : badge("outline of what was asked", "badge--plain");
  const copy = button("Copy", { symbol: "copy", look: "button--small", "aria-label": `Copy the draft for “${gap.question}”`, onclick: () => copied(gap, text) });
  const begin = button("Begin an article", { symbol: "pencil", look: "button--small button--main", onclick: () => began(gap) });
  return make("div", { class: "gap__article" }, text, make("div", { class: "gap__foot" }, by, make("div", { class: "row" }, copy, begin)));
}

async function copied(gap, element) {
  try {
    await navigator.clipboard.writeText(gap.draft);
    toast("Copied.");
  } catch {
    const range = document.createRange();
    range.selectNodeContents(element);
    replaceSelection(range);
    announce("The draft is selected. Copy it with your keyboard.");
  }
}

function replaceSelection(range) {
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function began(gap) {
  const [, heading] = /^#\s+(.+)$/m.exec(gap.draft) ?? [];
  try {
    const { id } = await api.post("/api/admin/articles", { title: (heading ?? gap.question).slice(0, 200), text: gap.draft });
    location.assign(`/console/articles/${id}`);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
}
