// The audit log: who changed what, when, from what to what.

import { badge, button, empty, make, replace } from "../dom.js";
import { count, time } from "../moments.js";
import { api, card, field, part, show, table, view } from "./view.js";

const PAGE = 50;
const KINDS = ["", "person", "key", "source", "run", "snapshot", "route", "policy", "answer", "invitation", "session"];
const wanted = new URLSearchParams(location.search);
const fields = {
  action: make("select", { class: "input", id: "action", name: "action" }, KINDS.map((kind) => make("option", { value: kind, selected: kind === (wanted.get("action") ?? "") }, kind || "Everything"))),
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
replace(view, card(null, sought), list);
show(() => api.get("/api/admin/audit/verification"), seal, part("actions"));
find();

function seal({ holds, entries, broken_at: at }) {
  return make("span", { title: "Each entry is bound to the one before it by a hash." }, holds ? badge(`${count(entries)} entries, unbroken`, "badge--good") : badge(`the chain breaks at ${at}`, "badge--bad"));
}

function query(extra = {}) {
  const asked = Object.entries(fields).map(([name, input]) => [name, input.value.trim()]);
  return new URLSearchParams([...asked, ...Object.entries(extra)].filter(([, value]) => value));
}

function find() {
  const words = query();
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
  ["What", (one) => [words(one.action), make("small", {}, one.subject)], { main: true }],
  ["Who", (one) => one.actor_name],
  ["When", (one) => time(one.at)],
  ["Change", change],
];

const words = (action) => action.replace(/[._]/g, " ");

function change({ before, after }) {
  if (!before && !after) return null;
  const said = (values) => Object.entries(values ?? {}).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") || "none" : value}`).join("; ");
  return make("span", { class: "change" }, before && make("del", {}, said(before)), after && make("ins", {}, said(after)));
}
