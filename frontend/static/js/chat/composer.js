// Where the customer writes. Enter sends, Shift+Enter breaks the line; what was typed survives a reload.

import { forget, recall, remember } from "../keep.js";
import { count } from "../moments.js";
import { trouble } from "../say.js";

const NEAR_LIMIT = 0.9;
const STILL = "The assistant is still answering. You can stop it first.";

export class Composer {
  constructor({ form, conversation, announcer }) {
    Object.assign(this, { form, conversation, announcer });
    this.area = form.querySelector("textarea");
    this.send = form.querySelector('[data-part="send"]');
    this.stop = form.querySelector('[data-part="stop"]');
    this.limit = form.querySelector('[data-part="limit"]');
    this.most = Number(this.area.dataset.most);
    this.area.value = recall("unsent") ?? "";
    form.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.area.addEventListener("keydown", (event) => this.typed(event));
    this.area.addEventListener("input", () => this.changed());
    this.stop.addEventListener("click", () => this.halt());
    conversation.addEventListener("changed", () => this.show());
    conversation.addEventListener("limited", ({ detail }) => this.wait(detail.seconds));
    this.changed();
  }

  typed(event) {
    // While an input method composes a word, Enter chooses among its candidates.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  changed() {
    const text = this.area.value;
    if (text) remember("unsent", text);
    else forget("unsent");
    this.area.style.blockSize = "auto";
    this.area.style.blockSize = `${this.area.scrollHeight}px`;
    this.show();
  }

  get length() {
    return [...this.area.value.trim()].length;
  }

  get answering() {
    return this.conversation.turn !== null;
  }

  show() {
    const over = this.length > this.most;
    this.send.hidden = this.answering;
    this.stop.hidden = !this.answering;
    this.send.disabled = over || this.length === 0 || this.waiting > 0;
    this.area.setAttribute("aria-invalid", String(over));
    if (this.waiting > 0) return this.hint(`That was a little fast. You can send again in ${this.waiting} s.`, false);
    const near = this.length > this.most * NEAR_LIMIT;
    return this.hint(near ? `${count(this.length)} of ${count(this.most)} characters` : "", over);
  }

  hint(text, over) {
    this.limit.hidden = !text;
    this.limit.textContent = text;
    this.limit.classList.toggle("is-over", over);
  }

  submit() {
    const text = this.area.value.trim();
    if (this.answering) return this.hint(STILL, false);
    if (!text || this.send.disabled) return undefined;
    this.area.value = "";
    this.changed();
    return this.conversation.say(text);
  }

  async halt() {
    this.stop.disabled = true;
    await this.conversation.stop().catch(trouble);
    this.stop.disabled = false;
    this.area.focus();
  }

  wait(seconds) {
    this.waiting = seconds;
    clearInterval(this.clock);
    this.clock = setInterval(() => {
      this.waiting -= 1;
      if (this.waiting <= 0) clearInterval(this.clock);
      this.show();
    }, 1000);
    this.show();
  }

  fill(text) {
    this.area.value = text;
    this.changed();
    this.area.focus();
  }

  waiting = 0;
}
