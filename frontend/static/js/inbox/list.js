// The left pane: views with their counts, and the conversations of one view. It refreshes in place and keeps the focus.

import { badge, empty, failure, make, replace, skeleton } from "../dom.js";
import { recall, remember } from "../keep.js";
import { ago, percent } from "../moments.js";

const LONG_WAIT_MS = 15 * 60_000;
const NOTHING = {
  queue: ["hand", "Nobody is waiting", "New conversations appear here by themselves when a customer needs a person."],
  mine: ["user-round", "You hold no conversation", "Claim one from the queue, or reply to it."],
  all: ["inbox", "No open conversations", "As soon as a customer asks something, it shows here."],
  resolved: ["circle-check", "Nothing resolved yet", "Settled conversations are kept here."],
};

export class List {
  constructor({ api, views, rows, onopen }) {
    Object.assign(this, { api, views, rows, onopen });
    this.elements = new Map();
    this.seen = recall("seen") ?? {};
    for (const tab of views.children) tab.addEventListener("click", () => this.show(tab.dataset.view));
    views.addEventListener("keydown", (event) => this.moveTab(event));
  }

  async show(view) {
    this.view = view;
    for (const tab of this.views.children) {
      const chosen = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.rows.setAttribute("aria-labelledby", `view-${view}`);
    this.elements.clear();
    replace(this.rows, skeleton(9));
    history.replaceState(history.state, "", `${location.pathname}${view === "queue" ? "" : `?view=${view}`}`);
    await this.refresh();
  }

  async refresh() {
    const view = this.view;
    try {
      const [{ data, next }, counts] = await Promise.all([this.api.get(`/api/inbox/conversations?view=${view}`), this.api.get("/api/inbox/counts")]);
      if (view !== this.view) return;
      this.count(counts);
      this.draw(data, next);
    } catch (problem) {
      if (this.elements.size === 0) replace(this.rows, failure(problem, () => this.refresh()));
    }
  }

  count(counts) {
    for (const tab of this.views.children) {
      const number = tab.querySelector(".count");
      number.textContent = counts[tab.dataset.view];
      number.hidden = !counts[tab.dataset.view] || tab.dataset.view === "resolved";
    }
  }

  draw(data, next) {
    const focused = document.activeElement?.dataset?.conversation;
    const rows = data.map((row) => this.fill(this.elements.get(row.id) ?? this.make(row.id), row));
    this.elements = new Map(rows.map((row) => [row.dataset.conversation, row]));
    const more = next && make("p", { class: "small faint row" }, "Only the first 50 are shown.");
    replace(this.rows, rows.length ? [...rows, more] : empty(...NOTHING[this.view]));
    if (focused) this.elements.get(focused)?.focus({ preventScroll: true });
    this.mark(this.current);
  }

  make(id) {
    const open = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.onopen(id);
    };
    return make("a", { class: "inbox-row", href: `/inbox/${id}`, "data-conversation": id, onclick: open });
  }

  fill(element, row) {
    const since = row.waiting_since ?? row.updated_at;
    const waits = row.waiting_since && Date.now() - new Date(row.waiting_since) > LONG_WAIT_MS;
    const age = make("time", { class: `inbox-row__age ${waits ? "is-long" : ""}`, datetime: since, "data-ago": "" }, ago(since));
    const marks = [row.has_draft && badge(row.probability ? `Draft · ${percent(row.probability)}` : "Draft", "badge--evidence"), stateOf(row), row.reason && make("span", { class: "clip" }, row.reason)];
    replace(
      element,
      make("span", { class: "inbox-row__subject clip", dir: "auto" }, row.subject || "No question yet"),
      age,
      make("span", { class: "inbox-row__snippet clip", dir: "auto" }, row.snippet),
      make("span", { class: "inbox-row__marks" }, marks),
    );
    element.classList.toggle("is-unread", (this.seen[row.id] ?? 0) < row.last_event && row.id !== this.current);
    element.dataset.last = row.last_event;
    return element;
  }

  mark(id) {
    this.current = id;
    for (const [key, element] of this.elements) {
      if (key === id) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
    this.elements.get(id)?.classList.remove("is-unread");
  }

  /** What the agent has on the screen is read. */
  read(id, last) {
    this.seen = Object.fromEntries(Object.entries({ ...this.seen, [id]: last }).slice(-300));
    remember("seen", this.seen);
  }

  move(step) {
    const rows = [...this.elements.values()];
    const here = rows.findIndex((row) => row === document.activeElement || (!rows.includes(document.activeElement) && row.hasAttribute("aria-current")));
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))] ?? rows[0];
    next?.focus();
  }

  moveTab({ key }) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const tabs = [...this.views.children];
    const next = tabs.at((tabs.findIndex((tab) => tab.dataset.view === this.view) + step * (document.dir === "rtl" ? -1 : 1)) % tabs.length);
    next.focus();
    this.show(next.dataset.view);
  }
}

function stateOf({ owner, status, agent }) {
  if (status === "resolved") return badge("Resolved");
  if (owner === "person") return badge(agent?.name ?? "A person", "badge--good");
  if (owner === "queue") return badge("Waiting", "badge--bad");
  return badge("Bot", "badge--info");
}
