// Asks one model, without fallback, and shows the answer as it comes.

import { badge, button, icon, make, replace } from "../dom.js";
import { count } from "../moments.js";
import { announce } from "../say.js";
import { Stream } from "../stream.js";
import { money } from "./money.js";
import { api, dialogWith, field, form } from "./view.js";

const QUESTION = "What is the capital of France?";

export function tryModel(name, again) {
  const prompt = make("input", { class: "input", id: "prompt", name: "prompt", required: true, maxlength: "500", value: QUESTION, autocomplete: "off" });
  const text = make("p", { class: "trial__text", tabindex: "0", "aria-label": "Answer" });
  const facts = make("p", { class: "row small faint" });
  const foot = make("div", { class: "dialog__foot" }, button("Close", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, icon("play"), "Ask"));
  const send = async (data) => {
    replace(facts, badge("asking", "badge--info badge--live"));
    text.textContent = "";
    const response = await api.fetch("POST", `/api/admin/models/${encodeURIComponent(name)}/test`, { prompt: data.get("prompt") });
    await read(response, ({ name: event, data: said }) => tell(event, said));
    again();
  };

  function tell(event, said) {
    if (event === "model.text") text.textContent += said.text;
    if (event === "model.done") {
      replace(facts, badge("answered", "badge--good"), `${count(said.usage?.output_tokens_total)} tokens, ${money(said.cost_micro_usd)}, stop: ${said.stop}`);
      announce(`${name} answered: ${text.textContent}`);
    }
    if (event === "model.failed") {
      replace(facts, badge(said.kind, "badge--bad"), said.message);
      announce(`${name} did not answer: ${said.kind}`);
    }
  }

  const dialog = dialogWith(`Test “${name}”`, form(send, field("Question", prompt, "The call is booked as a test."), text, facts, foot));
  prompt.select();
}

async function read(response, onevent) {
  const events = new Stream("", { onevent });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replace(/\r\n?/g, "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) events.tell(block);
  }
}
