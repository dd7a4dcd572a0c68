// Where an agent writes: to the customer, or a note to colleagues. Texts are kept per conversation until they are sent.

import { button, icon, make } from "../dom.js";
import { forget, recall, remember } from "../keep.js";
import { drawDifferences } from "./diff.js";

const TYPING_EVERY_MS = 3000;

export class Reply {
  /** `send(kind, text, draft)` resolves when it is done, and rejects with a Problem whose text is then kept. */
  constructor({ send, ontyping }) {
    Object.assign(this, { send, ontyping });
    this.area = make("textarea", { rows: "2", dir: "auto", maxlength: "20000", oninput: () => this.changed(), onkeydown: (event) => this.typed(event) });
    this.kinds = ["reply", "note"].map((kind) => make("button", { type: "button", class: "reply__kind", "data-kind": kind, onclick: () => this.be(kind, true) }, kind === "reply" ? "Reply" : "Note"));
    this.hint = make("span", { class: "small faint" });
    this.submit = make("button", { class: "button button--main button--small" }, icon("send", "icon--directed"), make("span", {}, "Send"));
    this.diff = make("p", { class: "diff", hidden: true, "aria-label": "Your changes to the draft" });
    this.element = make(
      "form",
      { class: "reply__form", onsubmit: (event) => (event.preventDefault(), this.finish()) },
      make("div", { class: "reply__kinds", role: "group", "aria-label": "What you write" }, this.kinds),
      this.area,
      this.diff,
      make("div", { class: "reply__foot" }, this.hint, this.submit),
    );
  }

  open(id) {
    this.id = id;
    this.draft = null;
    this.be("reply");
  }

  be(kind, focus = false) {
    this.kind = kind;
    const note = kind === "note";
    for (const one of this.kinds) one.setAttribute("aria-pressed", String(one.dataset.kind === kind));
    this.element.classList.toggle("is-note", note);
    this.area.placeholder = note ? "Write a note. Customers never see it." : "Write to the customer…";
    this.area.setAttribute("aria-label", note ? "Note to colleagues" : "Reply to the customer");
    this.submit.lastChild.textContent = note ? "Add note" : "Send";
    this.area.value = recall(this.key) ?? "";
    this.changed();
    if (focus) this.area.focus();
  }

  get key() {
    return `${this.kind}:${this.id}`;
  }

  /** Take a draft into the field, to be changed and sent. */
  edit(draft) {
    this.be("reply");
    this.draft = draft;
    this.area.value = draft.text;
    this.changed();
    this.area.focus();
  }

  insert(text) {
    this.be("reply");
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
    this.changed();
    this.area.focus();
  }

  changed() {
    const text = this.area.value;
    if (text) remember(this.key, text);
    else forget(this.key);
    this.area.style.blockSize = "auto";
    this.area.style.blockSize = `${Math.min(this.area.scrollHeight, 224)}px`;
    this.submit.disabled = !text.trim();
    const edited = this.kind === "reply" && this.draft && text !== this.draft.text;
    this.diff.hidden = !edited;
    this.element.toggleAttribute("data-editing", Boolean(this.draft) && this.kind === "reply");
    if (edited) this.diff.replaceChildren(...drawDifferences(this.draft.text, text));
    this.hint.textContent = this.draft && this.kind === "reply" ? "From the draft. Numbers you keep stay linked." : "Ctrl+Enter sends";
    if (text && this.kind === "reply") this.tellTyping();
  }

  tellTyping() {
    if (Date.now() - (this.told ?? 0) < TYPING_EVERY_MS || document.activeElement !== this.area) return;
    this.told = Date.now();
    this.ontyping();
  }

  typed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.finish();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.area.blur();
    }
  }

  async finish() {
    const text = this.area.value.trim();
    if (!text || this.submit.disabled) return;
    this.submit.disabled = true;
    try {
      await this.send(this.kind, text, this.draft);
      this.area.value = "";
      this.draft = null;
    } finally {
      this.changed();
    }
  }
}
