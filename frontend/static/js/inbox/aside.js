// The right pane: the passages that the draft quotes, a search for others, and what is known of the conversation.

import { drawSources, linkOf, plain } from "../chat/citations.js";
import { button, failure, icon, make, replace } from "../dom.js";
import { time } from "../moments.js";

const FOUND = 5;

export class Aside {
  constructor(element, { api, oninsert }) {
    Object.assign(this, { element, api, oninsert });
    this.evidence = make("section", { class: "aside-part", "data-evidence": "" });
    this.search = this.makeSearch();
    this.context = make("section", { class: "aside-part" });
    addEventListener("keydown", (event) => event.key === "Escape" && element.classList.contains("is-open") && this.toggle(false));
  }

  clear() {
    this.toggle(false);
    this.element.replaceChildren();
  }

  toggle(open = !this.element.classList.contains("is-open")) {
    this.element.classList.toggle("is-open", open);
    if (open) this.element.querySelector("button, a, input")?.focus();
  }

  draw(data, draft) {
    if (!this.evidence.isConnected) replace(this.element, this.evidence, this.search, this.context);
    this.drawEvidence(draft, data);
    this.drawContext(data);
  }

  drawEvidence(draft, data) {
    const quoting = data.messages.findLast((message) => message.citations.length);
    const citations = draft?.citations ?? quoting?.citations ?? [];
    const said = draft ? "What the draft quotes" : "What the last answer quotes";
    const key = JSON.stringify([data.id, draft?.id, draft?.version, quoting?.id]);
    if (this.key === key) return;
    this.key = key;
    const close = button("Close", { symbol: "x", look: "button--quiet button--small aside-close", text: false, onclick: () => this.toggle(false) });
    const list = drawSources(citations) ?? make("p", { class: "small faint" }, "No passage supports an answer. The knowledge base may lack this.");
    replace(this.evidence, make("div", { class: "row row--apart" }, make("h3", {}, icon("quote"), "Evidence"), close), citations.length > 0 && make("p", { class: "small faint" }, said), list);
  }

  /** Opens source number n, as the keyboard asks. */
  openSource(number) {
    this.evidence.querySelector(`.source[data-number="${number}"]`)?.click();
  }

  makeSearch() {
    const input = make("input", { class: "input", type: "search", "aria-label": "Search the knowledge base", placeholder: "Search the knowledge base" });
    const results = make("div", { role: "status" });
    const form = make("form", { role: "search", onsubmit: (event) => (event.preventDefault(), this.find(input.value.trim(), results)) }, make("span", { class: "search" }, icon("search"), input));
    return make("section", { class: "aside-part" }, form, results);
  }

  async find(question, results) {
    if (!question) return replace(results);
    try {
      const { data } = await this.api.get(`/api/search?${new URLSearchParams({ q: question, k: FOUND })}`);
      return replace(results, data.length ? data.map((hit) => this.drawFound(hit)) : make("p", { class: "small faint" }, "Nothing found. Try other words."));
    } catch (problem) {
      return replace(results, failure(problem));
    }
  }

  drawFound(hit) {
    const internal = hit.audience && hit.audience !== "public";
    return make(
      "article",
      { class: "found" },
      internal ? make("strong", {}, hit.title) : make("a", { href: linkOf(hit), target: "_blank", rel: "noopener" }, hit.title),
      internal && make("span", { class: "badge badge--note" }, "Internal: not for customers"),
      make("p", {}, plain(hit.text)),
      button("Insert", { symbol: "plus", look: "button--small", onclick: () => this.oninsert(plain(hit.text)) }),
    );
  }

  drawContext(data) {
    const facts = [
      ["Why here", data.reason],
      ["Page", data.page_url],
      ["Language", data.locale],
      ["E-mail", data.contact_email],
      ["Customer", data.customer?.id],
      ["Begun", time(data.created_at)],
      ["Episode", String(data.episode)],
      ...Object.entries(data.customer?.attributes ?? {}),
    ].filter(([, value]) => value);
    replace(this.context, make("h3", {}, icon("info"), "Context"), make("dl", { class: "facts" }, facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value instanceof Node ? value : String(value))])));
  }
}

