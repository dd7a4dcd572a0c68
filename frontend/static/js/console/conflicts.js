// Overrides that lost their passage: what it said, what stands there now, and what shall become of the wish.

import { badge, button, empty, make, replace } from "../dom.js";
import { drawDifferences } from "../inbox/diff.js";
import { several, time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { follow } from "./following.js";
import { api, card, show, view } from "./view.js";

const status = make("div");
const body = make("div", { class: "stack" });

replace(view, status, body);
reload();

function reload() {
  return show(() => api.get("/api/admin/overrides"), ({ data }) => draw(data), body);
}

function draw(all) {
  const conflicts = all.filter((one) => one.state === "conflict");
  const waiting = all.filter((one) => one.state === "waiting");
  return [
    conflicts.length ? conflicts.map(conflict) : card(null, empty("circle-check", "No conflicts", "Every passage that was changed here still says what it said in its source.")),
    waiting.length > 0 && card("Waiting for the next run", make("ul", { class: "passages passages--out", role: "list" }, waiting.map((one) => make("li", { class: "card__body passage" }, wishes(one), make("p", { class: "passage__text" }, one.quote))))),
    all.length > 0 && make("p", { class: "small faint" }, `${several(all.length, "override")} in all.`),
  ];
}

function conflict(one) {
  const { where } = one;
  const sides = make("div", { class: "pair" }, side("When it was changed here", one.heading, one.quote), side("What the source says now", where.heading, where.text ? drawDifferences(one.quote, where.text) : make("em", {}, "Nothing like it")));
  const actions = [
    where.text && button("Move here", { symbol: "check", look: "button--main button--small", onclick: () => move(one) }),
    button("Drop", { symbol: "x", look: "button--small button--danger", onclick: () => drop(one) }),
    where.version > 0 && make("a", { class: "button button--small", href: `/console/documents/${where.document_id}` }, "Open the document"),
  ];
  return make("section", { class: "card conflict", "aria-label": one.reason }, make("header", { class: "card__head" }, make("h2", {}, one.reason), wishes(one)), make("div", { class: "card__body stack" }, sides, one.text && side("What it shall say", "", one.text), make("footer", { class: "row" }, actions, make("span", { class: "small faint" }, `${one.changed_by}, `, time(one.changed_at)))));
}

function wishes(one) {
  const named = [one.disabled && ["left out", "badge--bad"], one.text && ["edited here", "badge--evidence"], one.questions.length > 0 && [several(one.questions.length, "question"), "badge--info"], one.keywords.length > 0 && [several(one.keywords.length, "keyword"), "badge--info"], one.pins.length > 0 && ["pinned", "badge--good"]];
  return make("span", { class: "row" }, named.filter(Boolean).map(([text, look]) => badge(text, look)));
}

function side(title, heading, text) {
  return make("div", { class: "conflict__side" }, make("h3", { class: "small faint" }, title), heading && make("strong", { class: "small" }, heading), make("p", { class: "passage__text compared__text" }, text));
}

async function move(one) {
  const { document_id, version, heading, start, end } = one.where;
  await act(async () => (await api.post(`/api/admin/overrides/${one.id}/move`, { document_id, version, heading, start, end })).run_id);
}

async function drop(one) {
  if (!(await confirmed("Drop this override?", "The passage will be as its source has it.", "Drop", { danger: true }))) return;
  await act(async () => (await api.fetch("DELETE", `/api/admin/overrides/${one.id}`)).headers.get("location").split("/").at(-1));
}

async function act(send) {
  try {
    const good = await follow(api, await send(), status, "Done. The new snapshot answers.");
    if (good) reload();
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    toast(problem.message, { symbol: "circle-alert" });
  }
}
