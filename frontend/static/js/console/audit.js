// The audit log: who changed what, when, from what to what.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { ago, count, exactly, time } from "../moments.js";
import { api, card, field, part, show, table, view } from "./view.js";

const PAGE = 50;
const KINDS = ["", "answer", "article", "audit", "budgets", "calibration", "correction", "document", "key", "override", "person", "policy", "probe", "provider_key", "route", "run", "scan", "session", "snapshot", "source", "task"];
const PLACES = { run: "runs", snapshot: "snapshots", document: "documents", article: "articles" };
const OPAQUE = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const wanted = new URLSearchParams(location.search);
const fields = {
  action: make("select", { class: "input", id: "action", name: "action" }, KINDS.map((kind) => make("option", { value: kind, selected: kind === (wanted.get("action") ?? "") }, kind.replace("_", " ") || "Everything"))),
  text: make("input", { class: "input", type: "search", id: "text", name: "text", maxlength: "100", placeholder: "Name or id", value: wanted.get("text") ?? "" }),
  since: make("input", { class: "input", type: "date", id: "since", name: "since", value: wanted.get("since") ?? "" }),
  until: make("input", { class: "input", type: "date", id: "until", name: "until", value: wanted.get("until") ?? "" }),
};
const list = make("div", { class: "stack" });
const sought = make(
  "form",
  { class: "card__body filters", role: "search", onchange: find, onsubmit: (event) => (event.preventDefault(), find()) },
  field("What", fields.action),
  field("Who or which", fields.text),
  field("From", fields.since),
  field("Until", fields.until),
);
const sheet = make("a", { class: "button", href: "" }, icon("download"), make("span", {}, "CSV"));
const verdict = make("span", {});
replace(part("actions"), verdict, sheet);
replace(view, card(null, sought), list);
show(() => api.get("/api/admin/audit/verification"), seal, verdict);
find();

function seal({ holds, entries, broken_at: at }) {
  return make("span", { title: "Each entry is bound to the one before it by a hash" }, holds ? badge(`${count(entries)} entries, unbroken`, "badge--good") : badge(`the chain breaks at ${at}`, "badge--bad"));
}

function query(extra = {}) {
  const asked = Object.entries(fields).map(([name, input]) => [name, input.value.trim()]);
  return new URLSearchParams([...asked, ...Object.entries(extra)].filter(([, value]) => value));
}

function find() {
  const words = query();
  sheet.href = `/api/admin/audit.csv?${words}`;
  history.replaceState({}, "", words.size ? `?${words}` : location.pathname);
  show(() => api.get(`/api/admin/audit?${query({ limit: PAGE })}`), drawFirst, list);
}

function drawFirst({ data, next }) {
  if (data.length === 0) return card(null, empty("shield-check", "Nothing found", "No change fits this search."));
  const more = make("div", { class: "stack" });
  if (next !== null) replace(more, older(next, more));
  return [card(null, table("Audit log", columns, data)), more];
}

function older(next, place) {
  const load = async () => {
    press.disabled = true;
    const page = await api.get(`/api/admin/audit?${query({ limit: PAGE, after: next })}`);
    const rest = make("div", { class: "stack" });
    replace(place, card(null, table("Audit log", columns, page.data)), rest);
    if (page.next !== null) replace(rest, older(page.next, rest));
  };
  const press = button("Older entries", { symbol: "history", onclick: load });
  return press;
}

const columns = [
  ["What", (one) => [words(one.action), subject(one.subject)], { main: true }],
  ["Who", (one) => make("bdi", {}, one.actor_name)],
  ["When", (one) => make("span", { class: "two-lines" }, time(one.at, exactly), make("small", { class: "faint" }, ago(one.at)))],
  ["Change", change],
];

const words = (action) => action.replace(/[._]/g, " ");

/** What was changed: long ids by their end, and where there is a page, the way to it. */
function subject(named) {
  const [kind, id = ""] = named.split(/:(.*)/s);
  const said = OPAQUE.test(id) ? `${words(kind)} …${id.slice(-6)}` : id ? `${words(kind)} ${id}` : words(kind);
  const place = PLACES[kind] && id && `/console/${PLACES[kind]}/${encodeURIComponent(id)}`;
  return make("small", { title: named }, place ? make("a", { href: place }, said) : make("bdi", {}, said));
}

/** Each field that is not as it was, with what it was. */
function change({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changed = names.filter((name) => plain(before?.[name]) !== plain(after?.[name]));
  if (changed.length === 0) return null;
  return make("dl", { class: "change" }, changed.map((name) => make("div", {}, make("dt", {}, words(name), ":"), make("dd", {}, said("del", before?.[name]), before && after && name in before && icon("arrow-right", "icon--small icon--directed"), said("ins", after?.[name])))));
}

const said = (kind, value) => value !== undefined && make(kind, {}, make("bdi", {}, plain(value)));

function plain(value) {
  if (value === undefined) return "";
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return "none";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}: ${plain(one)}`).join("; ") || "none";
  return String(value);
}
