// Whom we told what no longer holds: what they read, what holds now, and the drafted correction. People send it.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { count, several, time } from "../moments.js";
import { toast } from "../say.js";
import { beside } from "./beside.js";
import { paged, picks } from "./unfolding.js";
import { api, card, show, view } from "./view.js";

const STATES = [["open", "To be told"], ["sent", "Told"], ["discarded", "Draft discarded"], ["dismissed", "Dismissed"], ["withdrawn", "Holds again"]];
const PAGE = 25;
const asked = new URLSearchParams(location.search);
let state = "open";

const load = () => api.get(`/api/admin/corrections?limit=1&state=${state}`);
show(load, drawAll, view);

function drawAll({ counts }) {
  const holder = make("div");
  const words = make("input", { class: "input", type: "search", "aria-label": "Filter by what was told", placeholder: "Filter by words", onchange: () => fill() });
  const page = (after) => api.get(`/api/admin/corrections?${new URLSearchParams({ state, words: words.value, document_id: asked.get("document") ?? "", after: after || 0, limit: PAGE })}`);
  const fill = () => replace(holder, paged(page, (row) => drawOne(row, fill), nothing, "More conversations"));
  fill();
  const choices = picks("How far", STATES.map(([name, label]) => [name, label, count(counts[name])]), state, (value) => ((state = value), fill()));
  return card(null, [make("div", { class: "picks" }, choices, make("span", { class: "search" }, icon("search"), words)), holder]);
}

function nothing() {
  if (state !== "open") return empty("circle-check", "Nothing here", "No correction is in this state.");
  return empty("circle-check", "Nobody needs to be told", "After each publication we look for answers whose passage changed or vanished. They are listed here, conversations that go on first.");
}

function drawOne(row, again) {
  const resolved = row.status === "resolved";
  const open = make("a", { class: "button button--small", href: `/inbox/${row.conversation_id}` }, "Open the conversation");
  const act = (name, said) => async (event) => {
    event.currentTarget.disabled = true;
    try {
      await api.post(`/api/admin/corrections/${row.id}/${name}`);
      toast(said);
    } catch (problem) {
      toast(problem.message, { symbol: "circle-alert" });
    }
    again();
  };
  const waiting = row.draft?.state === "ready";
  const draftable = state === "open" && !waiting && button("Draft it in the inbox", { symbol: "pencil", look: "button--small button--main", onclick: act("draft", "Drafted. An agent finds it in the inbox.") });
  const dismiss = state === "open" && button("Need not be told", { symbol: "x", look: "button--small button--quiet", onclick: act("dismiss", "Dismissed.") });
  return make(
    "article",
    { class: "told" },
    make("header", { class: "told__head" }, make("p", { class: "row" }, make("strong", { dir: "auto" }, row.subject || "Conversation"), badge(resolved ? "resolved" : "goes on", resolved ? "" : "badge--info"), waiting && badge("draft waits in the inbox", "badge--evidence"), row.draft?.state === "sent" && badge("told", "badge--good")), make("span", { class: "small faint" }, "found ", time(row.created_at))),
    row.spans.map((span) => beside(span.title, [make("del", {}, span.quote)], span.now_quote ? [make("ins", {}, span.now_quote)] : [], ["We told", "It says now"])),
    make("details", {}, make("summary", {}, `The drafted correction of ${several(row.spans.length, "passage")}`), make("p", { class: "told__draft", dir: "auto" }, row.text)),
    make("div", { class: "row" }, open, draftable, dismiss),
  );
}
