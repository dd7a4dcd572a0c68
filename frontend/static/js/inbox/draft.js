// The drafted reply under an agent's eyes: its text with its evidence, how sure it is, and what to do with it.

import { button, icon, make } from "../dom.js";
import { renderMarkdown } from "../markdown.js";
import { percent, time } from "../moments.js";
import { bySource } from "../chat/citations.js";

const WISHES = ["Shorter", "Warmer", "More formal", "List the steps"];
const REASONS = ["Wrong", "Not the question", "Out of date", "I answer myself"];

/** `act(name, values)` does what the agent chose; `stale` says why the draft may no longer fit, if so. */
export function drawDraft(draft, { act, hosts, stale }) {
  const text = make("div", { class: "draft__text prose", dir: "auto", tabindex: "0", role: "group", "aria-label": "Text of the draft" });
  text.append(renderMarkdown(draft.text, { sources: bySource(draft.citations), hosts }));
  const card = make(
    "section",
    { class: `draft ${stale ? "is-stale" : ""}`, "aria-label": "Drafted reply", "data-draft": draft.id, "data-evidence": "" },
    make("header", { class: "draft__head" }, make("h3", {}, icon("sparkles"), "Drafted reply"), drawSure(draft), make("span", { class: "draft__made" }, madeBy(draft), time(draft.updated_at))),
    draft.reason && make("p", { class: "draft__why" }, draft.reason),
    stale && make("p", { class: "banner banner--warning" }, icon("triangle-alert"), make("span", {}, stale)),
    text,
    drawActions(draft, act, stale),
  );
  card.draft = draft;
  return card;
}

function madeBy({ model, prompt_version: prompt }) {
  return [model, prompt].filter(Boolean).join(" · ") + (model ? " · " : "");
}

function drawSure({ probability }) {
  if (probability === null || probability === undefined) return null;
  const meter = make("meter", { min: "0", max: "1", low: "0.4", high: "0.75", optimum: "1", value: String(probability), "aria-hidden": "true" });
  return make("span", { class: "sure" }, meter, `${percent(probability)} sure`);
}

function drawActions(draft, act, stale) {
  const more = make("div", { class: "draft__more", hidden: true });
  const open = (content) => {
    more.hidden = false;
    more.replaceChildren(...content);
    more.querySelector("input")?.focus();
  };
  const row = make(
    "div",
    { class: "draft__actions" },
    button(stale ? "Send anyway" : "Accept & send", { symbol: "check", look: `button--small ${stale ? "" : "button--main"}`, "data-draft-act": "accept", title: "Alt+A", onclick: () => act("accept") }),
    button("Edit", { symbol: "pencil", look: "button--small", "data-draft-act": "edit", onclick: () => act("edit") }),
    button("Regenerate", { symbol: "refresh-cw", look: "button--small", "data-draft-act": "regenerate", title: "Alt+R", onclick: () => open(wishForm(act)) }),
    button("Discard", { symbol: "trash-2", look: "button--small button--quiet", "data-draft-act": "discard", onclick: () => open(discardForm(act)) }),
  );
  return make("div", {}, row, more);
}

function wishForm(act) {
  const input = make("input", { class: "input", "aria-label": "How should it be different?", placeholder: "How should it be different? (optional)", maxlength: "500" });
  const chips = WISHES.map((wish) => button(wish, { look: "button--small", onclick: () => act("regenerate", { instruction: wish }) }));
  const form = make("form", { class: "row", onsubmit: (event) => (event.preventDefault(), act("regenerate", { instruction: input.value.trim() })) }, input, make("button", { class: "button button--main button--small" }, "Write anew"));
  return [make("div", { class: "row" }, chips), form];
}

function discardForm(act) {
  const chips = REASONS.map((reason) => button(reason, { look: "button--small", onclick: () => act("discard", { reason }) }));
  return [make("div", { class: "row" }, make("span", { class: "small faint" }, "Why?"), chips, button("No reason", { look: "button--small button--quiet", onclick: () => act("discard", {}) }))];
}
