// Questions that must keep working: every candidate is asked them before it may answer.

import { badge, button, empty, make } from "../dom.js";
import { percent } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { api, card, dialogWith, field, form, part, show, table } from "./view.js";

const EXPECTS = [["document", "find this document"], ["url", "find this address"], ["no_answer", "must not be answered"]];
const PAGE = 200;

const RULES = { checks: "when checks pass", always: "always", never: "after a look" };

const load = async () => {
  const [{ data }, documents, rules] = await Promise.all([api.get("/api/admin/probes"), api.get(`/api/admin/documents?limit=${PAGE}`), api.get("/api/admin/publish-rules")]);
  return { probes: data, documents: documents.data, rules: rules.data };
};
const draw = () => show(load, drawAll);
draw();

function drawAll({ probes, documents, rules }) {
  return [drawProbes(probes, documents), rules.length > 0 && drawRules(rules)];
}

function drawProbes(probes, documents) {
  const add = () => button("Add a question", { symbol: "plus", look: "button--main", onclick: () => edit(null, documents) });
  part("actions").replaceChildren(add());
  if (probes.length === 0) return card(null, empty("shield-check", "No probe question yet", "Write down what must keep working, such as the questions that most customers ask. A snapshot that fails one waits for review instead of answering.", add()));
  const titles = new Map(documents.map((one) => [one.id, one.title]));
  const columns = [
    ["Question", (one) => one.question, { main: true }],
    ["Expected", (one) => (one.expects === "no_answer" ? badge("must not be answered", "badge--note") : one.expects === "url" ? one.value : titles.get(one.value) ?? one.value)],
    ["", (one) => [button("Edit", { symbol: "pencil", look: "button--small", "aria-label": `Edit “${one.question}”`, onclick: () => edit(one, documents) }), button("Remove", { symbol: "trash-2", look: "button--small button--quiet", "aria-label": `Remove “${one.question}”`, onclick: () => remove(one) })], { actions: true }],
  ];
  return card(null, table("Probe questions", columns, probes));
}

function drawRules(rules) {
  const limit = (share, none) => (share === null ? none : `at most ${percent(share)}`);
  const columns = [
    ["Source", (one) => one.source, { main: true }],
    ["Runs publish", (one) => badge(RULES[one.publish], one.publish === "checks" ? "badge--good" : one.publish === "always" ? "badge--evidence" : "badge--info")],
    ["Documents may vanish", (one) => (one.publish === "always" ? "any" : limit(one.vanished, "any")), {}],
    ["Answers may change", (one) => (one.publish === "always" ? "any" : limit(one.impact, "not counted")), {}],
    ["", (one) => button("Change", { symbol: "pencil", look: "button--small", "aria-label": `Change when runs of “${one.source}” publish`, onclick: () => editRule(one) }), { actions: true }],
  ];
  return card("When runs publish by themselves", table("When runs publish by themselves", columns, rules));
}

function editRule(rule) {
  const publish = make("select", { class: "input", id: "rule-publish" }, Object.entries(RULES).map(([value, label]) => make("option", { value, selected: value === rule.publish }, label)));
  const share = (id, value) => make("input", { class: "input", id, type: "number", min: "0", max: "100", step: "1", inputmode: "numeric", value: value === null ? "" : String(Math.round(value * 100)) });
  const vanished = share("rule-vanished", rule.vanished);
  const impact = share("rule-impact", rule.impact);
  const probes = make("input", { type: "checkbox", id: "rule-probes", checked: rule.probes });
  const shareOf = (input) => (input.value === "" ? null : Number(input.value) / 100);
  const send = async () => {
    await api.put(`/api/admin/sources/${rule.id}/publish-rule`, { publish: publish.value, vanished: shareOf(vanished), impact: shareOf(impact), probes: probes.checked });
    dialog.close();
    toast("Kept. It holds from the next run on.");
    await draw();
  };
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Keep"));
  const content = [field("Runs publish", publish), field("Per cent of its documents that may vanish", vanished, "Empty: however many."), field("Per cent of recent answers that may be lost or change", impact, "Empty: not counted. With a number each run replays recent questions."), make("label", { class: "choice" }, probes, "Probe questions must hold")];
  const dialog = dialogWith(`When runs of “${rule.source}” publish`, form(send, content, foot));
}

function edit(probe, documents) {
  const question = make("input", { class: "input", id: "probe-question", name: "question", maxlength: "1000", value: probe?.question ?? "", placeholder: "As a customer would ask it" });
  const expects = make("select", { class: "input", id: "probe-expects", name: "expects", onchange: () => fit() }, EXPECTS.map(([value, label]) => make("option", { value, selected: value === probe?.expects }, label)));
  const document_ = make("select", { class: "input", id: "probe-document" }, documents.map((one) => make("option", { value: one.id, selected: one.id === probe?.value }, one.title)));
  const url = make("input", { class: "input", id: "probe-url", maxlength: "500", value: probe?.expects === "url" ? probe.value : "", placeholder: "https://…" });
  const fields = { document: field("Document", document_), url: field("Address", url, "As the citation links it.") };
  const fit = () => Object.entries(fields).forEach(([name, one]) => (one.hidden = name !== expects.value));
  fit();
  const valueOf = () => ({ document: document_.value, url: url.value.trim(), no_answer: "" })[expects.value];
  const send = async () => {
    const body = { question: question.value, expects: expects.value, value: valueOf() };
    await (probe ? api.put(`/api/admin/probes/${probe.id}`, body) : api.post("/api/admin/probes", body));
    dialog.close();
    toast("Kept. The next review asks it.");
    await draw();
  };
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Keep"));
  const dialog = dialogWith(probe ? "Edit the question" : "A question that must keep working", form(send, field("Question", question), field("It must", expects), fields.document, fields.url, foot));
}

async function remove(probe) {
  if (!(await confirmed("Remove this question?", `“${probe.question}” need no longer work.`, "Remove", { danger: true }))) return;
  try {
    await api.delete(`/api/admin/probes/${probe.id}`);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
  await draw();
}
