// Keys of providers: set, replaced and removed here, and never shown again.

import { badge, button, icon, make } from "../dom.js";
import { time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { tryModel } from "./trial.js";
import { api, card, dialogWith, field, form } from "./view.js";

const PROVIDERS = { OPENAI_API_KEY: "OpenAI", ANTHROPIC_API_KEY: "Anthropic", GEMINI_API_KEY: "Google Gemini", MISTRAL_API_KEY: "Mistral", AZURE_OPENAI_API_KEY: "Azure OpenAI", AWS_BEARER_TOKEN_BEDROCK: "AWS Bedrock" };
const titleOf = (one) => PROVIDERS[one.name] ?? one.name;

export function drawKeys({ data, trouble }, again) {
  const rows = data.map((one) => row(one, !trouble, again));
  const told = trouble && make("div", { class: "card__body" }, make("div", { class: "banner" }, icon("lock"), make("span", {}, trouble)));
  const none = rows.length === 0 && make("p", { class: "card__body small faint" }, "No model here needs a key.");
  return card("Keys of providers", [told, none, rows], { foot: make("p", { class: "small faint" }, "A stored key is encrypted, and wins over the environment's. No page, log, backup or answer ever shows one.") });
}

function row(one, open, again) {
  const title = titleOf(one);
  const set = open && button(one.stored ? "Replace" : "Set a key", { symbol: "key-round", look: "button--small", "aria-label": `${one.stored ? "Replace" : "Set"} the key of ${title}`, onclick: () => change(one, again) });
  const remove = one.stored && button("Remove", { look: "button--small button--quiet button--danger", "aria-label": `Remove the key of ${title}`, onclick: () => drop(one, again) });
  const users = one.models.length ? `For ${one.models.join(", ")}.` : one.stored ? "No model is asked with it." : "Its models are there as soon as the key is.";
  return make("section", { class: "route" }, make("div", { class: "route__head" }, make("h3", {}, title), title !== one.name && make("code", { class: "small faint" }, one.name), make("p", { class: "small faint" }, users)), standing(one), make("div", { class: "row" }, remove, set));
}

function standing(one) {
  const { stored, environment } = one;
  if (stored && !stored.readable) return told(badge("cannot be read", "badge--bad"), stored.trouble, environment ? "Until then the key of the environment is used." : "Until then these models are not asked.");
  if (stored) return told(badge("stored here", "badge--good"), [stored.ending && ["ends in ", make("code", {}, `…${stored.ending}`), ", "], "set ", time(stored.set_at), ` by ${stored.set_by}`], environment && "The environment has one too, which is not used.");
  if (environment) return told(badge("from the environment", "badge--good"), "Read when Answerdesk started.");
  return told(one.models.length ? badge("missing", "badge--bad") : badge("none"), one.models.length && "These models are not asked.");
}

const told = (mark, ...sentences) => make("div", { class: "key-state small" }, mark, sentences.filter(Boolean).map((one) => make("p", {}, one)));

function change(one, again) {
  const title = titleOf(one);
  const key = make("input", { class: "input", id: "provider-key", name: "key", type: "password", required: true, maxlength: "4000", autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "ltr" });
  const buttons = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Store"));
  const send = async (given) => {
    const kept = await api.put(`/api/admin/provider-keys/${encodeURIComponent(one.name)}`, { key: given.get("key") });
    again();
    if (!kept.models.length) return dialog.close();
    const [said, tests, foot] = done(kept, () => dialog.close(), again);
    dialog.fill(said, tests, foot);
    tests.querySelector("button").focus();
  };
  const dialog = dialogWith(`The key of ${title}`, form(send, field("Key", key, "It is encrypted and shown to nobody again, and it counts from the next call on."), buttons));
  key.focus();
}

/** Whether the key is right only its provider knows. */
function done(kept, close, again) {
  const tests = kept.models.map((name) => button(`Test ${name}`, { symbol: "play", look: "button--small", onclick: () => (close(), tryModel(name, again)) }));
  toast("The key counts from now on.");
  return [make("p", {}, "The key is stored. Whether its provider takes it, a test tells."), make("div", { class: "row" }, tests), make("div", { class: "dialog__foot" }, button("Done", { look: "button--main", onclick: close }))];
}

async function drop(one, again) {
  const then = one.environment ? "The key of the environment is used again, at once." : one.models.length ? `Without it, ${one.models.join(", ")} cannot be asked.` : "";
  if (!(await confirmed(`Remove the key of ${titleOf(one)}?`, `It cannot be brought back. ${then}`.trim(), "Remove", { danger: true }))) return;
  await api.delete(`/api/admin/provider-keys/${encodeURIComponent(one.name)}`).then(again, (problem) => toast(problem.message, { symbol: "circle-alert" }));
}
