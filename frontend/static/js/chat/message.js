// A message on the page, for every author and for history and live alike: a copy of templates/_message.html, filled.

import { badge, button, icon, make, part, stamp } from "../dom.js";
import { grow, joinSentences } from "../markdown.js";
import { atClock, tell } from "../moments.js";
import { bySource, drawSources } from "./citations.js";

const REASONS = [
  ["wrong", "It is wrong"],
  ["incomplete", "Something is missing"],
  ["outdated", "Out of date"],
  ["off-topic", "Not my question"],
  ["tone", "The tone"],
  ["other", "Something else"],
];

const NAMES = { customer: "You", bot: "Assistant", person: "Support", note: "Note" };

export class MessageView {
  constructor({ author, name = null }, { hosts = [], names = NAMES } = {}) {
    this.element = stamp("message");
    this.hosts = hosts;
    this.author = author;
    this.citations = [];
    this.sentences = [];
    this.element.classList.add(`message--${author}`);
    part(this.element, "name").textContent = name ?? names[author] ?? "";
    if (author === "person" || author === "customer" || author === "note") part(this.element, "avatar").replaceChildren(initials(name ?? names[author]));
    if (author === "note") part(this.element, "name").after(badge("Note", "badge--note badge--plain"));
    this.element.view = this;
  }

  get text() {
    return part(this.element, "text");
  }

  /** All of a finished message. */
  fill(message) {
    this.message = message;
    this.citations = message.citations ?? [];
    this.element.dataset.id = message.id;
    tell(part(this.element, "time"), message.created_at, atClock);
    if (this.author === "bot" || this.author === "person") grow(this.text, message.text, this.context);
    else this.text.textContent = message.text;
    if (message.state === "stopped") this.state("square", "Stopped");
    this.drawSources();
    return this;
  }

  get context() {
    return { sources: bySource(this.citations), hosts: this.hosts };
  }

  /** One more checked sentence of an answer that is being written. */
  add({ index, text, citations }) {
    if (this.sentences[index] !== undefined) return;
    this.sentences[index] = text;
    this.citations = [...this.citations, ...citations];
    grow(this.text, joinSentences(this.sentences.filter((sentence) => sentence !== undefined)), this.context);
    this.drawSources();
  }

  drawSources() {
    const drawn = drawSources(this.citations);
    const present = this.element.querySelector(".sources");
    if (present && drawn && present.isEqualNode(drawn)) return;
    present?.remove();
    if (drawn) part(this.element, "body").append(drawn);
  }

  state(symbol, ...content) {
    const line = part(this.element, "state");
    line.hidden = content.length === 0;
    line.replaceChildren(...(content.length ? [icon(symbol, "icon--small"), ...content] : []));
  }

  /** Copy, and for the customer: was this helpful? */
  tools({ rating = null, onrate = null } = {}) {
    const holder = part(this.element, "tools");
    const copy = button("Copy", { symbol: "copy", look: "button--quiet button--small", text: false, onclick: () => this.copy(copy) });
    holder.replaceChildren(copy);
    holder.hidden = false;
    if (onrate) holder.append(...this.thumbs(rating, onrate));
  }

  copy(copyButton) {
    navigator.clipboard?.writeText(this.message.text.replace(/\s?\[\d{1,2}\]/g, ""));
    copyButton.replaceChildren(icon("check"));
    setTimeout(() => copyButton.replaceChildren(icon("copy")), 1600);
  }

  thumbs(rating, onrate) {
    const buttons = [
      ["up", "thumbs-up", "This helped"],
      ["down", "thumbs-down", "This did not help"],
    ].map(([value, symbol, label]) =>
      button(label, {
        symbol,
        look: "button--quiet button--small",
        text: false,
        "aria-pressed": String(rating === value),
        "data-value": value,
        onclick: () => choose(value),
      }),
    );
    const choose = (value) => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset.value === value));
      onrate({ value });
      this.thanks(value === "up" ? "Thank you." : null, onrate);
    };
    return buttons;
  }

  thanks(text, onrate) {
    const holder = part(this.element, "rating");
    holder.hidden = false;
    if (text) return holder.replaceChildren(make("p", { class: "message__state", role: "status" }, text));
    holder.replaceChildren(this.reasonForm(onrate));
    return holder.querySelector("button").focus();
  }

  reasonForm(onrate) {
    const send = (reason) => {
      const comment = form.querySelector("textarea").value.trim();
      onrate({ value: "down", ...(reason && { reason }), ...(comment && { comment }) });
      this.thanks("Thank you. This helps us to improve.");
    };
    let chosen = null;
    const choices = REASONS.map(([value, label]) => button(label, { look: "button--small", "aria-pressed": "false", onclick: (event) => pick(value, event.currentTarget) }));
    const pick = (value, pressed) => {
      chosen = value;
      for (const choice of choices) choice.setAttribute("aria-pressed", String(choice === pressed));
    };
    const area = make("textarea", { class: "input", rows: "2", maxlength: "1000", "aria-label": "Anything to add?", placeholder: "Anything to add? (optional)" });
    const form = make(
      "form",
      { class: "reasons", onsubmit: (event) => (event.preventDefault(), send(chosen)) },
      make("fieldset", {}, make("legend", {}, "What was not right?"), choices),
      area,
      make("div", { class: "row" }, make("button", { class: "button button--main button--small" }, "Send"), button("Skip", { look: "button--quiet button--small", onclick: () => this.thanks("Thank you.") })),
    );
    return form;
  }
}

export function citationOf(cite) {
  const view = cite.closest(".message")?.view;
  return view && bySource(view.citations).get(Number(cite.dataset.number));
}

export function initials(name) {
  const words = (name ?? "").trim().split(/\s+/);
  return [words[0]?.[0], words.length > 1 ? words.at(-1)[0] : ""].join("").toUpperCase() || "?";
}

