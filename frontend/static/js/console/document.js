// One document: its passages as searches see them, and what admins want of each.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { count, several } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { editCutting } from "./cutting.js";
import { follow } from "./following.js";
import { api, card, dialogWith, field, form, part, show, subject, view } from "./view.js";

const status = make("div");
const body = make("div", { class: "stack" });
const load = () => api.get(`/api/admin/passages?document_id=${encodeURIComponent(subject)}`);

replace(view, status, body);
reload();

function reload() {
  return show(load, draw, body);
}

function draw(document_) {
  const { title, source, audience, locale, version, origin, passages, overrides } = document_;
  part("title").textContent = title;
  const facts = [badge(audience, audience === "public" ? "badge--good" : "badge--note"), `${locale}, version ${count(version)}${version === origin ? "" : `, edited here from version ${count(origin)}`}, from “${source}”`];
  replace(part("lead"), make("span", { class: "row" }, facts));
  replace(part("actions"), audience === "public" && make("a", { class: "button", href: `/help/${subject}` }, "See the article"), button("How it is cut", { symbol: "scissors", onclick: () => editCutting({ id: document_.source_id, name: source, cutting: document_.cutting }, taken) }));
  const out = overrides.filter((one) => one.disabled && ["applied", "moved"].includes(one.state));
  const open = overrides.filter((one) => !["applied", "moved"].includes(one.state));
  return [
    open.length > 0 && make("p", { class: "banner banner--warning" }, icon("triangle-alert"), make("span", {}, `${several(open.length, "override")} of this document ${open.length === 1 ? "waits" : "wait"} for a run or for your decision.`), make("a", { class: "button button--small", href: "/console/conflicts" }, "Look")),
    make("p", { class: "small faint" }, several(passages.length, "passage")),
    passages.length ? make("ol", { class: "passages", role: "list" }, passages.map((one) => passageCard(document_, one))) : card(null, empty("files", "No passages", "Every passage of this document is left out, or it holds only headings.")),
    out.length > 0 && card("Left out", make("ol", { class: "passages passages--out", role: "list" }, out.map(leftOut))),
  ];
}

function passageCard(document_, passage) {
  const own = document_.overrides.find((one) => one.id === passage.override_id);
  const marks = [own?.text && badge("edited here", "badge--evidence"), own?.questions.length > 0 && badge(several(own.questions.length, "question"), "badge--info"), own?.keywords.length > 0 && badge(several(own.keywords.length, "keyword"), "badge--info"), passage.pins.length > 0 && badge("pinned", "badge--good"), own?.state === "moved" && badge("moved", "badge--note")];
  const place = { document_id: subject, version: document_.version, heading: passage.heading, start: passage.start, end: passage.end };
  const actions = [
    button("Change", { symbol: "pencil", look: "button--small", onclick: () => change(own, place, passage) }),
    button("Leave out", { symbol: "circle-x", look: "button--small", onclick: () => wish(own, place, { ...wishOf(own), disabled: true }) }),
    own && button("Reset to source", { symbol: "rotate-ccw", look: "button--small", onclick: () => drop(own) }),
  ];
  return make("li", { class: "card passage" }, make("header", { class: "row row--apart" }, make("strong", { class: "small" }, passage.heading || document_.title), make("span", { class: "row" }, marks)), make("p", { class: "passage__text" }, passage.text), passage.added && make("details", { class: "small" }, make("summary", {}, "Read along by searches, never cited"), make("p", { class: "passage__added" }, passage.added)), make("footer", { class: "row" }, actions));
}

function leftOut(own) {
  return make("li", { class: "card__body passage" }, make("strong", { class: "small" }, own.heading), make("p", { class: "passage__text" }, own.quote), make("footer", { class: "row" }, button("Let it answer again", { symbol: "rotate-ccw", look: "button--small", onclick: () => wish(own, null, { ...wishOf(own), disabled: false }) }), make("span", { class: "small faint" }, `left out by ${own.changed_by}`)));
}

const wishOf = (own) => ({ disabled: own?.disabled ?? false, text: own?.text ?? null, questions: own?.questions ?? [], keywords: own?.keywords ?? [], pins: own?.pins ?? [] });
const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function change(own, place, passage) {
  const before = wishOf(own);
  const text = make("textarea", { class: "input", id: "passage-text", name: "text", rows: "6" });
  text.value = before.text ?? passage.text;
  const area = (id, value) => Object.assign(make("textarea", { class: "input", id, name: id, rows: "2" }), { value });
  const questions = area("questions", before.questions.join("\n"));
  const keywords = area("keywords", before.keywords.join(", "));
  const pins = area("pins", before.pins.join("\n"));
  const send = async () => {
    const edited = text.value.trim() === (own ? own.quote : passage.text).trim() ? null : text.value;
    await wish(own, place, { disabled: false, text: edited, questions: linesOf(questions.value), keywords: keywords.value.split(",").map((one) => one.trim()).filter(Boolean), pins: linesOf(pins.value) }, true);
    dialog.close();
  };
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), button("Save", { look: "button--main", type: "submit" }));
  const fields = [field("What it says", text, "The bot cites it in these words, from a version that says that it was edited here."), field("Questions it answers", questions, "One a line. Both searches read them."), field("Keywords", keywords, "Words that customers use for this, with commas."), field("First answer to", pins, "One question a line. For these it comes before everything else.")];
  const dialog = dialogWith("Change this passage", form(send, fields, foot), { wide: true });
}

/** A refusal is told here, or, when a dialog is open, there. */
async function wish(own, place, wanted, tells = false) {
  try {
    const answer = own ? await api.fetch("PUT", `/api/admin/overrides/${own.id}`, wanted, { "if-match": `"${own.revision}"` }) : await api.fetch("POST", "/api/admin/overrides", { ...place, ...wanted });
    taken((await answer.json()).run_id);
  } catch (problem) {
    if (tells || problem.status === undefined) throw problem;
    toast(problem.message, { symbol: "circle-alert" });
  }
}

async function drop(own) {
  if (!(await confirmed("Reset this passage?", "It will be as its source has it, without questions, keywords and pins.", "Reset"))) return;
  const answer = await api.fetch("DELETE", `/api/admin/overrides/${own.id}`);
  taken(answer.headers.get("location").split("/").at(-1));
}

function taken(run) {
  follow(api, run, status, "The new snapshot answers.").then((good) => good && reload());
  announce("A run builds the next snapshot.");
}
