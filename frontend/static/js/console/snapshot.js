// One snapshot before it answers: what it changes, whose answers change with it, and whether the probes hold.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { differences } from "../inbox/diff.js";
import { count, percent, several, time } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { beside, drawRow } from "./beside.js";
import { LOOKS, nameOf } from "./snapshots.js";
import { paged, picks, tabs, unfolding } from "./unfolding.js";
import { api, card, part, show, subject } from "./view.js";

const AGAIN_MS = 1000;
const PAGE = 50;
const BUSY = new Set(["queued", "running"]);
const CHANGES = [["changed", "Changed"], ["added", "Added"], ["removed", "Removed"]];
const IMPACTS = [["lost", "Lost"], ["evidence", "Other evidence"], ["decision", "Other decision"], ["gained", "Newly answered"]];
const DECISIONS = { answer: ["Answers", "badge--good"], caveat: ["Answers with a caveat", "badge--evidence"], clarify: ["Asks back", "badge--info"], offer: ["Offers a person", ""], escalate: ["Hands over", "badge--bad"] };
const here = `/api/admin/snapshots/${subject}`;

const load = async () => {
  const [snapshot, review, diff] = await Promise.all([api.get(here), api.get(`${here}/review`), api.get(`${here}/diff?limit=1`)]);
  const against = diff.against ? await api.get(`/api/admin/snapshots/${diff.against}`) : null;
  return { snapshot, review: review.review, diff, against };
};
const draw = () => show(load, drawAll);
draw();

function drawAll({ snapshot, review, diff, against }) {
  const busy = review && BUSY.has(review.state);
  if (busy) setTimeout(follow, AGAIN_MS);
  part("title").textContent = snapshot.state === "published" ? "The snapshot that answers now" : "Before publishing";
  part("actions").replaceChildren(...actions(snapshot, busy));
  return [
    make("section", { class: "card" }, verdict(snapshot, against, review), tallies(diff, review)),
    card(null, tabs("What this snapshot changes", [
      ["Documents", sum(diff.documents), () => documents(diff)],
      ["Answers", impactSum(review), () => answers(review)],
      ["Probe questions", review?.probes.length ?? null, () => probes(review)],
    ])),
  ];
}

function actions(snapshot, busy) {
  const review = busy ? button("Stop the review", { symbol: "square", onclick: () => act(() => api.post(`${here}/review/stop`), "Stopped.") }) : button("Review again", { symbol: "refresh-cw", onclick: () => act(() => api.post(`${here}/review`), "The review has begun.") });
  const waits = snapshot.state === "waiting" && snapshot.reasons.some((one) => one.stops);
  const can = ["ready", "waiting", "retired"].includes(snapshot.state);
  const publish = can && button(waits ? "Publish anyway" : "Publish", { symbol: "check", look: `button--main ${waits ? "button--danger" : ""}`, onclick: () => publishNow(snapshot, waits) });
  return [snapshot.state === "building" ? null : review, publish].filter(Boolean);
}

function verdict(snapshot, against, review) {
  const said = against ? ["Compared with ", make("a", { href: `/console/snapshots/${against.id}` }, against.state === "published" ? "what answers now" : "what answered before"), ", built ", time(against.created_at)] : ["Nothing was published before it, so everything is new."];
  const facts = [several(snapshot.documents, "document"), several(snapshot.passages, "passage")].join(" · ");
  const head = make("div", { class: "verdict__head" }, make("p", {}, badge(nameOf(snapshot), LOOKS[snapshot.state] ?? ""), make("span", {}, "Built ", time(snapshot.created_at)), make("span", { class: "verdict__against" }, facts)), make("span", { class: "verdict__against" }, said));
  const reasons = snapshot.state === "waiting" ? snapshot.reasons : [];
  const list = reasons.length > 0 && make("ul", { class: "reasons", "aria-label": "Why it waits" }, reasons.map((one) => make("li", { class: one.stops ? "" : "is-mild" }, icon(one.stops ? "triangle-alert" : "info"), make("span", {}, one.sentence))));
  return make("div", { class: "verdict" }, head, list, progress(review));
}

function progress(review) {
  if (!review || !BUSY.has(review.state)) return null;
  const bar = make("progress", { class: "bar", max: String(Math.max(1, review.total)), value: String(review.done), "aria-label": "How far the review is", "data-part": "review-bar" });
  return make("div", { class: "stack" }, make("p", { class: "small faint", "data-part": "review-said" }, reached(review)), bar);
}

const reached = (review) => (review.total ? `Asking recent questions of both snapshots: ${percent(review.done / review.total)}` : "The review waits for its turn.");

async function follow() {
  const { review } = await api.get(`${here}/review`).catch(() => ({ review: null }));
  const bar = part("review-bar");
  if (!review || !bar || !BUSY.has(review.state)) {
    if (review?.state === "done") announce("The review has ended.");
    return draw();
  }
  bar.max = Math.max(1, review.total);
  bar.value = review.done;
  part("review-said").textContent = reached(review);
  setTimeout(follow, AGAIN_MS);
}

function tallies({ documents, passages, sources }, review) {
  const vanished = sources.filter((one) => one.removed).map((one) => `${one.source}: ${count(one.removed)} of ${count(one.before)} gone`);
  const failed = review?.probes.filter((one) => !one.passed).length ?? 0;
  const held = review?.probes.length ? `${count(review.probes.length - failed)} of ${count(review.probes.length)}` : "none";
  const impact = review?.impact.changes;
  return make(
    "dl",
    { class: "tallies" },
    tally("Documents", signed(documents), vanished.join(", ") || "nothing vanishes"),
    tally("Passages", signed(passages), "by what they say"),
    tally("Answers", impact ? IMPACTS.slice(0, 2).concat([IMPACTS[3]]).map(([name, label]) => [count(impact[name]), label.toLowerCase()]) : [["–", ""]], impact ? `of ${several(review.impact.asked, "question")} that customers asked last` : "not replayed yet: review again"),
    tally("Probe questions that hold", [[held, ""]], failed ? `${several(failed, "fails", "fail")}` : "what must keep working"),
  );
}

const signed = ({ added, changed, removed }) => [[`+${count(added)}`, "added"], ...(changed === undefined ? [] : [[`~${count(changed)}`, "changed"]]), [`−${count(removed)}`, "removed"]];

function tally(name, numbers, note) {
  return make("div", { class: "tally" }, make("dt", {}, name), make("dd", { class: "tally__numbers" }, numbers.map(([number, label]) => make("span", {}, number, " ", make("small", {}, label)))), make("dd", { class: "tally__note" }, note));
}

const sum = (numbers) => count(Object.values(numbers).reduce((all, one) => all + one, 0));
const impactSum = (review) => (review?.impact.changes ? sum(review.impact.changes) : null);

function documents({ documents: counts }) {
  const holder = make("div");
  let change = CHANGES.map(([name]) => name).find((name) => counts[name]) ?? "changed";
  const words = make("input", { class: "input", type: "search", "aria-label": "Filter documents", placeholder: "Filter by title or file", onchange: () => fill() });
  const fill = () => replace(holder, paged(page, drawDocument, () => empty("files", "No such document", "Nothing of this kind differs between the two snapshots."), "More documents"));
  const page = (after) => api.get(`${here}/diff?${new URLSearchParams({ change, words: words.value, after, limit: PAGE })}`);
  const pick = (value) => ((change = value), fill());
  fill();
  return [make("div", { class: "picks" }, picks("How documents differ", CHANGES.map(([name, label]) => [name, label, count(counts[name])]), change, pick), make("span", { class: "search" }, icon("search"), words)), holder];
}

function drawDocument(one) {
  const versions = one.change === "changed" ? `version ${one.before} → ${one.after}` : `version ${one.after ?? one.before}`;
  const facts = [one.audience === "public" ? null : badge(one.audience, "badge--note"), make("span", {}, versions)];
  return unfolding(one.title, `${one.source} · ${one.external_id}`, facts, () => rows(one.id, 0));
}

async function rows(id, after) {
  const told = await api.get(`${here}/diff/${id}?after=${after}`);
  const about = after ? [] : Object.entries(told.about).map(([name, { before, after: now }]) => beside(name === "url" ? "Address" : name[0].toUpperCase() + name.slice(1), [make("del", {}, before || "none")], [make("ins", {}, now || "none")]));
  const more = told.next && button("More passages", { onclick: async () => more.replaceWith(...(await rows(id, told.next))) });
  return [...about, ...told.data.map(drawRow), more].filter(Boolean);
}

function answers(review) {
  if (!review?.impact.changes) return empty("message-circle-question-mark", "Not replayed yet", "A review asks what customers asked last of both snapshots, and lists every answer that would change.", button("Review now", { symbol: "play", look: "button--main", onclick: () => act(() => api.post(`${here}/review`), "The review has begun.") }));
  if (review.impact.questions === 0) return empty("message-circle-question-mark", "Nobody asked anything yet", "Once customers ask, their last thousand questions are replayed here.");
  const holder = make("div");
  const numbers = review.impact.changes;
  let change = "";
  const fill = () => replace(holder, paged(page, drawAnswer, () => empty("circle-check", "No answer changes", "Recent questions get the same answers from the same passages."), "More questions"));
  const page = (after) => api.get(`${here}/impact?${new URLSearchParams({ ...(change && { change }), after: after || 0, limit: PAGE })}`);
  fill();
  return [make("div", { class: "picks" }, picks("How answers change", [["", "All", sum(numbers)], ...IMPACTS.map(([name, label]) => [name, label, count(numbers[name])])], change, (value) => ((change = value), fill()))), holder];
}

function drawAnswer(row) {
  const label = IMPACTS.find(([name]) => name === row.change)[1];
  const became = make("span", { class: "became" }, decision(row.before), icon("arrow-right", "icon--directed"), decision(row.after));
  return unfolding(row.question, `asked ${several(row.asked, "time")}`, [badge(label, row.change === "lost" ? "badge--bad" : row.change === "gained" ? "badge--good" : "badge--evidence"), became], () => evidence(row));
}

function decision({ decision: name }) {
  const [label, look] = DECISIONS[name] ?? [name, ""];
  return badge(label, `badge--plain ${look}`);
}

function evidence({ before, after }) {
  const pairs = Array.from({ length: Math.max(1, before.evidence.length, after.evidence.length) }, (_, at) => [before.evidence[at], after.evidence[at]]);
  return pairs.map(([old, now], at) => beside(at === 0 ? "The passage that leads" : "And another that may", ...both(old, now)));
}

/** Of one document before and after, what differs is marked; passages of two documents differ anyhow. */
function both(old, now) {
  if (old?.document_id !== now?.document_id) return [quoted(old), quoted(now)];
  const pieces = differences(old.text, now.text);
  const side = (kind) => pieces.filter(([what]) => what === "same" || what === kind).map(([what, text]) => (what === "same" ? text : make(what, {}, text)));
  return [quoted(old, side("del")), quoted(now, side("ins"))];
}

function quoted(passage, text = passage?.text) {
  if (!passage) return [];
  const address = `/help/${passage.document_id}`;
  return [make("a", { href: address }, [passage.title, passage.heading].filter(Boolean).join(" › ")), "\n", text];
}

function probes(review) {
  const edit = make("a", { class: "button", href: "/console/probes" }, "Edit the list");
  if (!review?.probes.length) return empty("shield-check", "No probe question was tried", "Probe questions are what must keep working, or must never be answered. A candidate that fails one waits.", edit);
  return [...review.probes.map(drawProbe), make("div", { class: "card__foot" }, edit)];
}

function drawProbe(probe) {
  const state = probe.passed ? badge("holds", "badge--good") : badge("fails", "badge--bad");
  const detail = probe.passed ? (probe.expects === "no_answer" ? "must not be answered" : "finds the expected document") : probe.sentence;
  return unfolding(probe.question, detail, [state, decision(probe.found)], () => probe.found.evidence.length ? probe.found.evidence.map((one) => beside(null, [], quoted(one), ["", "What it finds"])) : make("p", {}, "It finds nothing."));
}

async function publishNow(snapshot, waits) {
  const detail = waits ? `${snapshot.reasons.map((one) => one.sentence).join(" ")} It is noted in the audit log that you publish nevertheless.` : `From the next question on, answers come from ${several(snapshot.documents, "document")}. You can roll back at any time. Whoever was told something that no longer holds is listed under Corrections.`;
  if (!(await confirmed(waits ? "Publish although it waits?" : "Publish this snapshot?", detail, waits ? "Publish anyway" : "Publish", { danger: waits }))) return;
  await act(() => api.post(`${here}/publish`, { anyway: waits }), "Published. The next question uses it.");
}

async function act(ask, said) {
  try {
    await ask();
    toast(said);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
  await draw();
}
