// The documents of the published snapshot.

import { badge, button, empty, make } from "../dom.js";
import { count, several, time } from "../moments.js";
import { flags } from "./log.js";
import { api, card, show, table } from "./view.js";

const PAGE = 100;
let all = [];

const load = async (after = "") => {
  const { data, next } = await api.get(`/api/admin/documents?limit=${PAGE}&after=${encodeURIComponent(after)}`);
  all = [...all, ...data];
  return next;
};
show(() => load(), draw);

function draw(next) {
  if (all.length === 0) return card(null, empty("files", "No documents are published", "Add documents, then publish the snapshot that their run builds.", make("a", { class: "button button--main", href: "/console/sources" }, "Add documents")));
  const holder = make("div");
  const filter = make("input", { class: "input", type: "search", "aria-label": "Filter documents", placeholder: "Filter by title, file or source", oninput: () => fill() });
  const more = next && button("Load more", { onclick: () => show(() => load(next), draw) });
  const fill = () => holder.replaceChildren(rowsTable(all.filter((one) => matches(one, filter.value))));
  fill();
  const bar = make("div", { class: "card__body" }, filter);
  return card(null, make("div", {}, bar, holder), { foot: make("div", { class: "row row--apart" }, make("span", { class: "small faint" }, `${count(all.length)} shown`), more) });
}

function matches(document, words) {
  const text = `${document.title} ${document.external_id} ${document.source}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** What screening found in a document: closed, for it may be long. */
function findings({ flags: found }) {
  return make("details", { class: "findings" }, make("summary", {}, badge(several(found.length, "finding"), "badge--note")), flags(found));
}

function rowsTable(documents) {
  if (documents.length === 0) return empty("search", "No document fits", "Try fewer words.");
  const title = (one) => [make("a", { href: `/console/documents/${one.id}` }, one.title), make("small", {}, one.external_id)];
  const columns = [
    ["Document", (one) => [title(one), one.flags.length > 0 && findings(one)].flat(), { main: true }],
    ["Source", (one) => one.source],
    ["Audience", (one) => badge(one.audience, one.audience === "public" ? "badge--good" : "badge--note")],
    ["Version", (one) => count(one.version), { number: true }],
    ["Passages", (one) => count(one.passages), { number: true }],
    ["Language", (one) => one.locale],
    ["Changed", (one) => time(one.updated_at)],
  ];
  return table("Documents", columns, documents);
}
