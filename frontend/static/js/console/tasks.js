// What in the published articles wants a person's eyes: filtered, given to somebody, mended or left as it is.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { count, several, time } from "../moments.js";
import { announce, toast } from "../say.js";
import { drawCited, drawPlaces } from "./places.js";
import { drawVotes } from "./votes.js";
import { api, card, dialogWith, field, form, me, part, show, view } from "./view.js";

const PAGE = 25;
const LOOK_AGAIN_MS = 1000;
const STATES = [
  ["open", "Open"],
  ["done", "Done"],
  ["dismissed", "Dismissed"],
];
const KINDS = {
  contradiction: ["Contradiction", "badge--bad"],
  duplicate: ["Said twice", "badge--info"],
  "broken-link": ["Broken link", "badge--evidence"],
  "dead-link": ["Dead link elsewhere", "badge--evidence"],
  overdue: ["Review overdue", "badge--evidence"],
  "never-retrieved": ["Never found", ""],
  untranslated: ["Not translated", "badge--note"],
  unhelpful: ["Did not help", "badge--bad"],
};
const STAGES = { queued: "waiting", running: "beginning", contradictions: "comparing what articles say", duplicates: "looking for repetitions", links: "following links", upkeep: "looking at dates and readers", "other sites": "asking other sites" };

const wanted = new URLSearchParams(location.search);
const people = (await api.get("/api/admin/people").catch(() => ({ data: [] }))).data.filter((one) => !one.disabled);
const fields = {
  state: chooser("state", STATES, wanted.get("state") ?? "open"),
  kind: chooser("kind", [["", "Everything"], ...Object.entries(KINDS).map(([name, [label]]) => [name, label])], wanted.get("kind") ?? ""),
  owner: chooser("owner", [["", "Anybody"], ["none", "Nobody yet"], ...people.map((one) => [one.id, one.id === me ? `${one.name} (me)` : one.name])], wanted.get("owner") ?? ""),
};
const status = make("div");
const list = make("div", { class: "stack" });
const cited = make("div");
const votes = make("div");
const scanNow = button("Scan now", { symbol: "refresh-cw", look: "button--main", onclick: askToScan });
const filters = make("form", { class: "card__body filters", role: "search", onchange: () => find(), onsubmit: (event) => event.preventDefault() }, field("State", fields.state), field("Kind", fields.kind), field("Owner", fields.owner));
replace(part("actions"), scanNow);
replace(view, status, card(null, filters), list, cited, votes);
find();
follow();
show(() => api.get("/api/admin/most-cited"), ({ data }) => data.length > 0 && card("Quoted most in answers", drawCited(data)), cited);
show(() => api.get("/api/admin/help-feedback"), ({ data }) => data.length > 0 && card("What readers said", drawVotes(data)), votes);

function chooser(name, choices, chosen) {
  return make("select", { class: "input", id: name, name }, choices.map(([value, label]) => make("option", { value, selected: value === chosen }, label)));
}

function query(extra = {}) {
  const asked = Object.entries(fields).map(([name, input]) => [name, input.value]);
  return new URLSearchParams([...asked, ...Object.entries(extra)].filter(([, value]) => value));
}

function find() {
  history.replaceState({}, "", `?${query()}`);
  return show(() => api.get(`/api/admin/tasks?${query({ limit: PAGE })}`), drawFirst, list);
}

function drawFirst({ data, counts, next }) {
  tellCounts(counts);
  if (data.length === 0) return card(null, nothing(counts));
  return drawPage(data, next);
}

function tellCounts(counts) {
  for (const option of fields.state.options) option.textContent = `${STATES.find(([name]) => name === option.value)[1]} (${count(sum(counts[option.value]))})`;
  const here = counts[fields.state.value] ?? {};
  for (const option of fields.kind.options) if (option.value) option.textContent = `${KINDS[option.value][0]} (${count(here[option.value] ?? 0)})`;
}

const sum = (byKind) => Object.values(byKind).reduce((all, number) => all + number, 0);

function nothing(counts) {
  if (fields.kind.value || fields.owner.value) return empty("search", "No task fits", "Try another kind or owner.");
  if (fields.state.value !== "open") return empty("list", "Nothing here", "Tasks that were closed are kept here.");
  const closed = sum(counts.done) + sum(counts.dismissed);
  return empty("circle-check", "All is well", closed > 0 ? `Nothing is open, and ${several(closed, "task")} ${closed === 1 ? "is" : "are"} closed.` : "Nothing in the published articles contradicts itself, repeats itself or leads nowhere.");
}

function drawPage(tasks, next) {
  const rest = make("div", { class: "stack" });
  if (next !== null) replace(rest, older(next, rest));
  return [...tasks.map(drawTask), rest];
}

function older(after, place) {
  return button("More tasks", { symbol: "chevron-down", onclick: () => show(() => api.get(`/api/admin/tasks?${query({ limit: PAGE, after })}`), ({ data, next }) => drawPage(data, next), place) });
}

function drawTask(task) {
  const [label, look] = KINDS[task.kind];
  const element = make(
    "article",
    { class: "card task", "aria-labelledby": `task-${task.id}` },
    make("header", { class: "task__head" }, badge(label, look), make("h2", { id: `task-${task.id}`, class: "task__title" }, task.title), make("span", { class: "small faint" }, "found ", time(task.created_at))),
    make("div", { class: "task__body" }, said(task), drawPlaces(task), closed(task)),
    make("footer", { class: "card__foot row row--apart" }, ownerOf(task), actions(task)),
  );
  return element;
}

/** What the places alone do not say. */
function said({ kind, detail }) {
  const says = {
    contradiction: () => (detail.sentences > 3 ? `${several(detail.sentences, "pair")} of sentences; these are the first.` : ""),
    duplicate: () => (detail.documents > 2 ? `${several(detail.documents, "document")} hold it; these are some.` : `At least ${Math.round(detail.overlap * 100)} % of the shorter text stands in the other as well.`),
    "broken-link": () => detail.problem,
    "dead-link": () => detail.problem,
    "never-retrieved": () => `None of the last ${several(detail.questions, "question")} found it. Perhaps nobody asks, or the article uses other words than customers do.`,
    unhelpful: () => `${several(detail.helped, "reader")} said that it helped, ${count(detail.not_helped)} that it did not.`,
    untranslated: () => `Missing: ${detail.missing.join(", ")}.`,
    overdue: () => "Read it, correct it, and set a new review date.",
  };
  const text = says[kind]();
  return text && make("p", { class: "task__said" }, text);
}

function closed({ state, reason, closed_by: by, updated_at: at }) {
  if (state === "open") return null;
  const who = by === "scan" ? "a scan found nothing any more" : (people.find((one) => by === `person:${one.id}`)?.name ?? "somebody");
  const how = state === "dismissed" ? `Dismissed by ${who}: ${reason}` : by === "scan" ? `Done: ${who}.` : `Done, says ${who}.`;
  return make("p", { class: "banner" }, icon(state === "done" ? "circle-check" : "circle-x"), make("span", {}, how, " ", time(at)));
}

function ownerOf(task) {
  const name = `owner-${task.id}`;
  const choices = [["", "Nobody yet"], ...people.map((one) => [one.id, one.name])];
  const select = make("select", { class: "input task__owner", id: name, onchange: () => change(task, "assign", { owner_id: select.value || null }, "Assigned.") }, choices.map(([value, label]) => make("option", { value, selected: value === (task.owner_id ?? "") }, label)));
  return make("span", { class: "row" }, make("label", { for: name, class: "small" }, "Owner"), select);
}

function actions(task) {
  const named = (what) => ({ "aria-label": `${what}: ${task.title}` });
  if (task.state !== "open") return button("Open again", { symbol: "rotate-ccw", ...named("Open again"), onclick: () => change(task, "reopen", {}, "Open again.") });
  return make(
    "span",
    { class: "row" },
    button("Dismiss", { symbol: "x", ...named("Dismiss"), onclick: () => askWhy(task) }),
    button("Done", { symbol: "check", look: "button--main", ...named("Done"), onclick: () => change(task, "done", {}, "Done. The next scan looks whether it is.") }),
  );
}

async function change(task, action, body, told) {
  try {
    await api.post(`/api/admin/tasks/${task.id}/${action}`, body);
    toast(told);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
  await find();
}

function askWhy(task) {
  const reason = make("input", { class: "input", id: "reason", name: "reason", required: true, maxlength: "500", placeholder: "Both are right: one is about tickets", autocomplete: "off" });
  const send = async () => {
    if (!reason.value.trim()) return reason.focus();
    await api.post(`/api/admin/tasks/${task.id}/dismiss`, { reason: reason.value });
    dialog.close();
    toast("Dismissed, until its text changes.");
    await find();
  };
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Dismiss"));
  const dialog = dialogWith("Why is this fine as it is?", form(send, field("Reason", reason, "It stays dismissed until one of the texts changes."), foot));
  reason.focus();
}

function askToScan() {
  const links = make("input", { type: "checkbox", id: "links", name: "links" });
  const send = async () => {
    await api.post("/api/admin/hygiene-scans", { links: links.checked });
    dialog.close();
    await follow();
  };
  const choice = make("div", { class: "field" }, make("label", { class: "row", for: "links" }, links, "Ask other sites too"), make("p", { class: "field__hint" }, "Each page of another site that an article links to is requested once. Private addresses are never asked."));
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Scan"));
  const dialog = dialogWith("Look through what is published", form(send, choice, foot));
}

/** Shows the latest scan until it is over; a scan that ends brings its tasks. */
async function follow() {
  const { data } = await api.get("/api/admin/hygiene-scans").catch(() => ({ data: [] }));
  const [latest] = data;
  const busy = latest && ["queued", "running"].includes(latest.state);
  const was = scanNow.disabled;
  scanNow.disabled = Boolean(busy);
  replace(status, latest && (busy ? underWay(latest) : over(latest)));
  if (busy) setTimeout(follow, LOOK_AGAIN_MS);
  else if (was) {
    announce(latest.state === "done" ? "The scan is over." : latest.error);
    await find();
  }
}

function underWay({ stage, done, total }) {
  const bar = make("progress", { class: "bar", max: String(total || 1), value: total ? String(done) : false, "aria-label": "Scan" });
  return make("div", { class: "card card__body stack" }, make("p", { class: "row" }, badge("scanning", "badge--info badge--live"), make("span", {}, STAGES[stage] ?? stage)), bar);
}

function over({ state, counts, error, ended_at: at, created_at: begun }) {
  if (state === "failed") return make("p", { class: "banner banner--bad" }, icon("circle-alert"), make("span", {}, error));
  const facts = [several(counts.documents ?? 0, "document"), several(counts.passages ?? 0, "passage"), `${count(counts.new)} new`, `${count(counts.reopened)} open again`, `${count(counts.gone)} gone`];
  return make("p", { class: "small faint" }, "Last scan ", time(at ?? begun), `: ${facts.join(" · ")}`);
}

