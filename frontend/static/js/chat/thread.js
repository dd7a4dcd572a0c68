// The messages of a conversation on the page: drawn from its events, scrolled only for readers who are at the end.

import { button, failure, icon, make, part } from "../dom.js";
import { several } from "../moments.js";
import { trouble } from "../say.js";
import { MessageView } from "./message.js";

const NEAR_END = 80;
const TYPING_MS = 6000;
const QUOTED = /[“„]([^”“„]+)[”“]/g;
const STAGES = {
  searching: "Searching the help centre…",
  reading: "Reading what I found…",
  writing: "Writing the answer…",
  checking: "Checking each sentence…",
};

export class Thread {
  constructor({ list, scroller, newer, conversation, announcer, hosts = [] }) {
    Object.assign(this, { list, scroller, newer, conversation, announcer, hosts });
    scroller.addEventListener("scroll", () => this.atEnd && (newer.hidden = true), { passive: true });
    newer.addEventListener("click", () => this.toEnd("smooth"));
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(scroller);
    scroller.addEventListener("scroll", () => (this.stuck = this.atEnd), { passive: true });
    this.stuck = true;
    this.answers = new Map();
    for (const name of ["happened", "writing", "sent", "unsent", "emptied", "lost"]) conversation.addEventListener(name, ({ detail }) => this[name](detail));
  }

  get atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END;
  }

  /** To the last message; where there is none, what greets the reader is read from its top. */
  toEnd(behavior = "auto") {
    this.newer.hidden = true;
    const top = this.list.childElementCount ? this.scroller.scrollHeight : 0;
    this.scroller.scrollTo({ top, behavior });
  }

  /** Change the list, and stay at the end if the reader was there. */
  draw(change, { mine = false } = {}) {
    const follow = this.atEnd || mine;
    change();
    this.scroller.closest(".chat")?.classList.toggle("has-messages", this.list.childElementCount > 0);
    if (follow) this.toEnd();
    else this.newer.hidden = false;
  }

  add(element) {
    if (element.matches(".message--customer")) this.list.querySelector(".choices-back")?.remove();
    this.list.append(element);
    return element;
  }

  line(text) {
    this.draw(() => this.add(make("p", { class: "line" }, make("span", {}, text))));
  }

  emptied() {
    this.answers.clear();
    this.list.replaceChildren();
    this.draw(() => {});
  }

  lost() {
    this.emptied();
    this.line("This conversation is no longer available here. Ask again to begin a new one.");
  }

  // What the customer writes shows at once, and becomes the stored message when the server has it.

  writing({ message }) {
    const present = this.pending(message.id);
    if (present) return this.mark(present, "is-sending");
    const view = new MessageView({ author: "customer" });
    view.text.textContent = message.text;
    view.element.dataset.pending = message.id;
    view.element.classList.add("is-sending");
    return this.draw(() => this.add(view.element), { mine: true });
  }

  sent({ message, heard }) {
    const present = this.pending(message.id);
    if (!present) return;
    this.mark(present, null);
    if (this.list.querySelector(`[data-id="${heard.message_id}"]`)) present.remove();
    else present.dataset.id = heard.message_id;
    delete present.dataset.pending;
  }

  unsent({ message, problem }) {
    const present = this.pending(message.id);
    if (!present) return;
    this.mark(present, "is-failed");
    const again = button("Try again", { look: "button--quiet button--small", onclick: () => this.conversation.say(message.text, message) });
    present.view.state("circle-alert", make("span", {}, problem.message), again);
    this.announcer.alarm(`Not sent. ${problem.message}`);
    this.draw(() => {});
  }

  pending(id) {
    return this.list.querySelector(`[data-pending="${id}"]`);
  }

  mark(element, look) {
    element.classList.remove("is-sending", "is-failed");
    if (look) element.classList.add(look);
    element.view.state();
  }

  // What happens in the conversation.

  happened({ name, data, replayed }) {
    const draw = this[`on ${name}`];
    if (draw) draw.call(this, data, replayed);
  }

  "on message.created"({ message }, replayed) {
    if (this.list.querySelector(`[data-id="${message.id}"]`)) return;
    if (message.author === "customer" && this.adopt(message)) return;
    if (message.author === "system") return this.line(message.text);
    if (message.author === "person") this.typing(null);
    const view = new MessageView(message, { hosts: this.hosts }).fill(message);
    if (message.author === "person") this.addTools(view, message);
    this.draw(() => this.add(view.element), { mine: message.author === "customer" && !replayed });
    if (message.author === "person" && !replayed) this.announcer.say(`${message.name ?? "Support"} says: ${view.text.innerText}`);
  }

  adopt(message) {
    const waiting = [...this.list.querySelectorAll("[data-pending]")].find((one) => one.view.text.textContent.trim() === message.text.trim());
    if (!waiting) return false;
    delete waiting.dataset.pending;
    this.mark(waiting, null);
    waiting.view.fill(message);
    return true;
  }

  "on turn.started"({ turn_id: id }, replayed) {
    const view = new MessageView({ author: "bot" }, { hosts: this.hosts });
    view.element.classList.add("is-streaming");
    view.element.setAttribute("aria-busy", "true");
    view.working = view.text.appendChild(drawWorking());
    this.answers.set(id, view);
    this.draw(() => this.add(view.element));
    if (!replayed) this.announcer.say("The assistant is answering.");
  }

  "on turn.stage"({ turn_id: id, stage }) {
    const view = this.answers.get(id);
    if (!view?.working) return;
    part(view.working, "stage").textContent = (stage === "reading" && view.found) || STAGES[stage] || STAGES.searching;
  }

  "on sources.found"({ turn_id: id, passages }) {
    const view = this.answers.get(id);
    if (!view?.working || passages.length === 0) return;
    view.found = `Reading ${several(passages.length, "passage")}…`;
    part(view.working, "stage").textContent = view.found;
    const titles = [...new Set(passages.map((passage) => passage.title).filter(Boolean))].slice(0, 4);
    this.draw(() => part(view.working, "reading").replaceChildren(...titles.map((title) => make("li", { class: "clip" }, title))));
  }

  "on answer.sentence"(sentence) {
    const view = this.answers.get(sentence.turn_id);
    if (!view) return;
    this.draw(() => {
      view.working?.remove();
      view.working = null;
      view.add(sentence);
    });
  }

  "on answer.completed"({ turn_id: id, message, decision, citations }, replayed) {
    const view = this.answers.get(id) ?? new MessageView({ author: "bot" }, { hosts: this.hosts });
    this.answers.delete(id);
    this.draw(() => {
      view.working?.remove();
      if (!view.element.isConnected) this.add(view.element);
      view.fill({ decision, ...message, citations: message.citations?.length ? message.citations : citations });
      view.element.removeAttribute("aria-busy");
      view.element.classList.remove("is-streaming");
      this.addTools(view, message);
      if (decision === "clarify") this.addChoices(view, message.text);
    });
    this.last = view;
    if (!replayed) this.announcer.answer(view);
  }

  /** What we ask back about, to be pressed instead of typed; gone as soon as something else is said. */
  addChoices(view, text) {
    const named = [...text.slice(text.lastIndexOf("\n") + 1).matchAll(QUOTED)].map(([, choice]) => choice);
    // The pressed button goes away; who works with the keyboard is left where the next words are written.
    const say = (choice) => (this.conversation.say(choice), this.list.closest(".chat").querySelector("textarea").focus());
    const choices = named.map((choice) => button(choice, { look: "button--small", onclick: () => say(choice) }));
    part(view.element, "body").append(make("div", { class: "row choices-back", role: "group", "aria-label": "What do you mean?" }, choices));
  }

  addTools(view, { id, rating }) {
    view.tools({ rating: this.conversation.ratings.get(id) ?? rating, onrate: (given) => this.rate(id, given) });
  }

  rate(id, rating) {
    this.conversation.rate(id, rating).catch(trouble);
  }

  "on turn.failed"({ turn_id: id, problem }, replayed) {
    const view = this.answers.get(id);
    this.answers.delete(id);
    if (!view) return;
    const own = problem.status === 409;
    if (own && !view.sentences.length) return this.draw(() => view.element.remove());
    const question = this.questionBefore(view.element);
    this.draw(() => {
      view.working?.remove();
      view.element.removeAttribute("aria-busy");
      view.element.classList.remove("is-streaming");
      const again = !replayed && question ? () => (view.element.remove(), this.conversation.say(question)) : null;
      part(view.element, "body").append(failure({ message: problem.detail || problem.title }, again), own ? "" : this.offer("Or ask a person", "Our team sees this conversation, so you need not repeat yourself."));
    });
    if (!replayed) this.announcer.alarm(problem.detail || problem.title);
  }

  questionBefore(element) {
    let one = element.previousElementSibling;
    while (one && !one.classList.contains("message--customer")) one = one.previousElementSibling;
    return one?.view.text.textContent ?? null;
  }

  "on handoff.offered"() {
    const body = this.last && part(this.last.element, "body");
    if (!body || body.querySelector(".offer")) return;
    const offer = this.offer("Our team can take over", "They see this conversation, so you need not repeat yourself.");
    this.draw(() => body.append(offer));
  }

  offer(title, detail) {
    const ask = button("Talk to a person", { symbol: "user-round", look: "button--main", onclick: () => this.askForPerson(ask) });
    const no = button("No, thanks", { look: "button--quiet", onclick: () => offer.remove() });
    const offer = make("section", { class: "offer", "aria-label": title }, make("h3", { class: "offer__title" }, title), make("p", {}, detail), make("div", { class: "row" }, ask, no));
    return offer;
  }

  async askForPerson(pressed) {
    if (pressed) pressed.disabled = true;
    try {
      await this.conversation.askForPerson();
    } catch (problem) {
      if (pressed) pressed.disabled = false;
      trouble(problem);
    }
  }

  "on handoff.requested"(data, replayed) {
    for (const offer of this.list.querySelectorAll(".offer")) offer.remove();
    this.draw(() => this.add(this.waiting()));
    if (!replayed) this.announcer.say("Your conversation was passed to our team. A person will answer here.");
  }

  waiting() {
    const input = make("input", { class: "input", type: "email", name: "email", autocomplete: "email", required: true, id: "contact-email", placeholder: "you@example.com" });
    const save = make("button", { class: "button" }, "Save");
    const form = make("form", { onsubmit: (event) => this.saveContact(event, form, input) }, make("div", { class: "field" }, make("label", { for: "contact-email" }, "E-mail, if you would rather not wait"), input), save);
    return make(
      "section",
      { class: "offer", "data-waiting": "", "aria-label": "Waiting for a person" },
      make("h3", { class: "offer__title" }, "A person will take it from here"),
      make("p", {}, "Your conversation is in our team's inbox. The answer appears here; you can close this page and come back."),
      form,
    );
  }

  async saveContact(event, form, input) {
    event.preventDefault();
    try {
      await this.conversation.leaveContact(input.value.trim());
      form.replaceWith(make("p", { role: "status" }, `We will write to ${input.value.trim()} as well.`));
    } catch (problem) {
      form.querySelector(".field__error")?.remove();
      input.setAttribute("aria-invalid", "true");
      input.after(make("p", { class: "field__error", role: "alert" }, problem.message));
    }
  }

  "on conversation.updated"({ owner, status, agent }, replayed) {
    const before = this.held;
    this.held = agent?.name ?? null;
    if (owner === "person" && agent && before !== agent.name) {
      this.list.querySelector("[data-waiting]")?.remove();
      this.line(`${agent.name} joined`);
      if (!replayed) this.announcer.say(`${agent.name} joined the conversation.`);
    } else if (owner === "queue" && before) this.line(`${before} left. Another person will continue.`);
    else if (status === "resolved") this.line("This conversation was marked as solved. Write again whenever you like.");
  }

  "on agent.typing"({ name, agent }, replayed) {
    if (!replayed) this.typing(name ?? agent?.name ?? this.conversation.agent?.name ?? "Support");
  }

  typing(name) {
    clearTimeout(this.typingTimer);
    this.typingLine?.remove();
    if (!name) return;
    this.typingLine = make("p", { class: "working__stage faint" }, dots(), `${name} is writing…`);
    this.draw(() => this.add(this.typingLine));
    this.typingTimer = setTimeout(() => this.typing(null), TYPING_MS);
  }
}

function dots() {
  return make("span", { class: "working__dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
}

function drawWorking() {
  return make(
    "div",
    { class: "working" },
    make("div", { class: "working__stage" }, dots(), make("span", { "data-part": "stage" }, STAGES.searching)),
    make("ul", { class: "working__reading", role: "list", "data-part": "reading" }),
  );
}
