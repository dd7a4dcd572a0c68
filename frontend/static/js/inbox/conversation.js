// The open conversation: its thread, its draft, its evidence, and what an agent can do with it. Live, without stealing focus.

import { MessageView, citationOf } from "../chat/message.js";
import { Preview, bySource } from "../chat/citations.js";
import { badge, button, empty, failure, make, replace, skeleton } from "../dom.js";
import { time } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { Stream } from "../stream.js";
import { Aside } from "./aside.js";
import { drawDraft } from "./draft.js";
import { Reply } from "./reply.js";
import { drawSummary } from "./summary.js";
import { drawVerdict } from "./verdict.js";
import { drawWhy } from "./why.js";

const GATHER_MS = 120;
const NEAR_END = 120;
const CHANGES = new Set(["message.created", "answer.completed", "turn.failed", "conversation.updated", "draft.updated", "handoff.requested", "handoff.offered", "summary.updated"]);

export class OpenConversation {
  constructor({ api, pane, aside, me, hosts, onback, onread }) {
    Object.assign(this, { api, pane, me, hosts, onback, onread });
    this.reply = new Reply({ send: (...what) => this.send(...what), ontyping: () => this.api.post(`${this.path}/typing`).catch(() => {}) });
    this.aside = new Aside(aside, { api, oninsert: (text) => this.reply.insert(text) });
    this.inner = make("div", { class: "thread__inner" });
    this.thread = make("div", { class: "thread", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Messages" }, this.inner);
    this.head = make("header", { class: "thread-head" });
    this.summary = make("section", { class: "summary", "aria-label": "Summary", hidden: true });
    this.drafting = make("div");
    this.foot = make("footer", { class: "reply" }, this.drafting, this.reply.element);
    const find = (cite) => citationOf(cite) ?? this.draftSource(cite);
    for (const root of [this.inner, this.drafting]) new Preview(root, find);
  }

  get path() {
    return `/api/inbox/conversations/${this.id}`;
  }

  nothing() {
    this.close();
    replace(this.pane, empty("inbox", "Choose a conversation", "Press J and K to move through the list, Enter to open, and ? for every shortcut."));
    this.aside.clear();
  }

  close() {
    this.stream?.close();
    this.id = null;
    this.data = null;
  }

  async open(id) {
    this.close();
    this.id = id;
    replace(this.pane, skeleton(8));
    this.inner.replaceChildren();
    this.drafting.replaceChildren();
    this.aside.clear();
    try {
      await this.read();
    } catch (problem) {
      if (this.id === id) replace(this.pane, make("div", { class: "rows" }, failure(problem, () => this.open(id))));
      return;
    }
    if (this.id !== id) return;
    replace(this.pane, make("div", {}, this.head, this.summary), this.thread, this.foot);
    this.reply.open(id);
    this.draw();
    this.thread.scrollTop = this.thread.scrollHeight;
    this.follow();
  }

  async read() {
    const { id } = this;
    const data = await this.api.get(this.path);
    if (this.id === id) this.data = data;
  }

  follow() {
    this.stream = new Stream(`${this.path}/events`, { after: this.data.last_event, onevent: (event) => this.hear(event) }).start();
  }

  hear({ name, data }) {
    if (name === "message.created" && data.message.author === "customer") announce(`The customer wrote: ${data.message.text}`);
    if (name === "turn.started") this.busy(true);
    if (!CHANGES.has(name)) return;
    clearTimeout(this.timer);
    const { id } = this;
    this.timer = setTimeout(() => this.id === id && this.read().then(() => this.id === id && this.draw()).catch(() => {}), GATHER_MS);
  }

  get draft() {
    return this.data.drafts.find((draft) => draft.state === "ready");
  }

  draw() {
    this.onread(this.id, this.data.last_event);
    this.drawHead();
    drawSummary(this.summary, this.data.summary);
    this.drawThread();
    this.drawDraft();
    this.aside.draw(this.data, this.draft);
  }

  drawHead() {
    const { subject, owner, status, agent, contact_email: email, created_at: begun } = this.data;
    const mine = owner === "person" && agent?.id === this.me.id;
    const claim = owner === "person" ? "Take over" : "Claim";
    replace(
      this.head,
      button("Back to the list", { symbol: "arrow-left", look: "button--quiet button--small thread-head__back", text: false, onclick: this.onback }),
      make(
        "div",
        { class: "thread-head__titles" },
        make("h2", { class: "clip", dir: "auto" }, subject || "New conversation"),
        make("div", { class: "thread-head__who" }, statusBadge(owner, status, mine ? { name: "You" } : agent), make("span", {}, customerName(this.data)), email && make("span", {}, email), time(begun)),
      ),
      status !== "resolved" && !mine && button(claim, { symbol: "hand", look: `button--small ${owner === "queue" ? "button--main" : ""}`, "data-act": "claim", onclick: () => this.claim() }),
      mine && button("Release", { symbol: "undo-2", look: "button--small", "data-act": "release", onclick: () => this.act("release", "Given back to the queue.") }),
      status !== "resolved" && button("Resolve", { symbol: "circle-check", look: "button--small", "data-act": "resolve", title: "E", onclick: () => this.resolve() }),
      button("Evidence", { symbol: "panel-right", look: "button--small button--quiet", text: false, "data-act": "aside", onclick: () => this.aside.toggle() }),
    );
  }

  drawThread() {
    const atEnd = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < NEAR_END;
    this.busy(Boolean(this.data.turn_id));
    const names = { customer: customerName(this.data), bot: "Assistant", note: "Note" };
    for (const message of this.data.messages) {
      if (this.inner.querySelector(`[data-id="${message.id}"]`)) continue;
      const view = new MessageView(message, { hosts: this.hosts, names }).fill(message);
      if (message.author === "bot" && message.decision) view.state("shield-check", ...[decisionText(message), drawVerdict(this.api, message, this.data.verdicts?.[message.turn_id]), this.me.admin && drawWhy(message)].filter(Boolean));
      this.inner.insertBefore(message.author === "system" ? make("p", { class: "line", "data-id": message.id }, message.text) : view.element, this.working ?? null);
    }
    if (atEnd) this.thread.scrollTop = this.thread.scrollHeight;
  }

  busy(answering) {
    this.working?.remove();
    this.working = answering ? this.inner.appendChild(make("p", { class: "line" }, "The bot is answering")) : null;
  }

  drawDraft() {
    const { draft } = this;
    const shown = this.drafting.querySelector(".draft")?.draft;
    if (draft && shown?.id === draft.id && shown.version === draft.version && this.staleness(draft) === this.shownStale) return;
    this.shownStale = draft && this.staleness(draft);
    replace(this.drafting, draft && drawDraft(draft, { act: (...what) => this.actOnDraft(...what), hosts: this.hosts, stale: this.shownStale }));
  }

  draftSource(cite) {
    const draft = cite.closest("[data-draft]")?.draft;
    return draft && bySource(draft.citations).get(Number(cite.dataset.number));
  }

  staleness(draft) {
    const later = this.data.messages.filter((message) => message.created_at > draft.updated_at);
    if (later.some((message) => message.author === "customer")) return "The customer wrote after this draft. Read the new message before you send it.";
    return later.some((message) => message.author === "person") ? "Somebody replied after this draft was written." : "";
  }

  // What an agent does.

  async actOnDraft(name, values = {}) {
    const { draft } = this;
    if (!draft) return;
    if (name === "edit") return this.reply.edit(draft);
    if (name === "accept" && this.shownStale && !(await confirmed("Send this draft?", this.shownStale, "Send anyway"))) return;
    const done = { accept: "Sent.", regenerate: "Written anew.", discard: "Discarded." };
    for (const one of this.drafting.querySelectorAll("button")) one.disabled = true;
    await this.act(`draft/${name}`, done[name], name === "accept" ? { version: draft.version } : values);
    for (const one of this.drafting.querySelectorAll("button")) one.disabled = false;
    if (name === "discard") this.reply.area.focus();
  }

  async send(kind, text, draft) {
    const seen = this.data.last_event;
    const body = kind === "note" ? { text } : { text, expected_version: seen, ...(draft && { draft_id: draft.id }) };
    try {
      this.take(await this.api.post(`${this.path}/${kind === "note" ? "notes" : "replies"}`, body));
      this.thread.scrollTop = this.thread.scrollHeight;
      announce(kind === "note" ? "Note added." : "Sent.");
    } catch (problem) {
      toast(problem.message, { symbol: "circle-alert" });
      if (problem.status === 409) await this.read().then(() => this.draw());
      throw problem;
    }
  }

  async claim() {
    const { owner, agent } = this.data;
    if (owner === "person" && !(await confirmed("Take over?", `${agent?.name ?? "A colleague"} holds this conversation. They will see that you took it.`, "Take over"))) return;
    await this.act("claim", "It is yours. The bot is silent now.");
    this.reply.area.focus();
  }

  resolve = () => this.act("resolve", "Resolved.");

  async act(name, said, body = {}) {
    try {
      this.take(await this.api.post(`${this.path}/${name}`, body));
      toast(said);
    } catch (problem) {
      toast(problem.message, { symbol: "circle-alert" });
      if (problem.status === 409 || problem.status === 404) await this.read().then(() => this.draw()).catch(() => {});
    }
  }

  take(data) {
    if (data?.id !== this.id) return;
    this.data = data;
    this.draw();
  }
}

function customerName({ customer }) {
  return customer?.name || customer?.email || "Visitor";
}

function statusBadge(owner, status, agent) {
  if (status === "resolved") return badge("Resolved");
  if (owner === "person") return badge(agent?.name ?? "A person", "badge--good");
  return owner === "queue" ? badge("Waiting for a person", "badge--bad") : badge("Bot", "badge--info");
}

function decisionText({ decision, probability, state }) {
  const words = { answer: "Answered", caveat: "Answered with a caveat", clarify: "Asked back", offer: "Offered a person", escalate: "Handed over" };
  const sure = typeof probability === "number" ? `, ${Math.round(probability * 100)} % sure` : "";
  return make("span", {}, `${words[decision] ?? decision}${sure}${state === "stopped" ? ", stopped" : ""}`);
}

