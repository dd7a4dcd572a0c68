// The log of a run: what became of each document and what to do about it; filtered, page by page, and as a file.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { count } from "../moments.js";
import { api, card, show, table } from "./view.js";

const PAGE = 100;
const LOOK_MS = 2000;
const TYPING_MS = 250;
const OVER = ["done", "failed", "cancelled", "paused"];
const OUTCOMES = { added: "badge--good", changed: "badge--info", unchanged: "", removed: "badge--evidence", failed: "badge--bad" };
const KINDS = { "": "Everything", failed: "Failed", flagged: "Flagged by screening", added: "Added", changed: "Changed", removed: "Removed", unchanged: "Unchanged" };

export class RunLog {
  constructor(run) {
    this.place = `/api/admin/ingest-runs/${run}`;
    this.rows = [];
    this.next = null;
    this.list = make("div");
    this.foot = make("div", { class: "row row--apart" });
    const kinds = Object.entries(KINDS).map(([value, label]) => make("option", { value }, label));
    this.kind = make("select", { class: "input", "aria-label": "Outcome", onchange: () => this.load() }, kinds);
    this.name = make("input", { class: "input", type: "search", maxlength: "200", "aria-label": "Part of the name", placeholder: "Part of the name", oninput: () => this.later(TYPING_MS) });
    this.files = make("span", { class: "row" });
    this.element = card("Documents", make("div", {}, make("div", { class: "card__body filters" }, this.kind, this.name), this.list), { actions: this.files, foot: this.foot });
  }

  /** Called with each state of the run: looks again now and then, and once more when it is over. */
  follow(run) {
    const over = OVER.includes(run.state);
    if (over && this.over !== run.state) this.load();
    else if (!this.rows.length || this.rows.length < PAGE) this.later(LOOK_MS);
    this.over = over && run.state;
  }

  later(wait) {
    if (this.timer && wait === LOOK_MS) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), wait);
  }

  query(more = {}) {
    const flagged = this.kind.value === "flagged";
    return new URLSearchParams({ outcome: flagged ? "" : this.kind.value, flagged: String(flagged), name: this.name.value.trim(), ...more });
  }

  async load(after = "") {
    clearTimeout(this.timer);
    this.timer = null;
    const asked = (this.asked = String(this.query({ after, limit: PAGE })));
    await show(
      () => api.get(`${this.place}/items?${asked}`),
      ({ data, next }) => {
        if (asked !== this.asked) return this.drawn;
        this.rows = after ? [...this.rows, ...data] : data;
        this.next = next;
        return this.draw();
      },
      this.list,
    );
  }

  draw() {
    const link = (format, label) => make("a", { class: "button button--small", href: `${this.place}/log?${this.query({ format })}`, download: true }, icon("download"), make("span", {}, label));
    replace(this.files, this.rows.length > 0 && [link("csv", "CSV"), link("jsonl", "JSONL")]);
    const more = this.next && button("Load more", { onclick: () => this.load(this.next) });
    replace(this.foot, make("span", { class: "small faint" }, `${count(this.rows.length)} shown`), more);
    this.drawn = this.rows.length ? this.table() : this.nothing();
    return this.drawn;
  }

  nothing() {
    if (this.kind.value || this.name.value) return empty("search", "No document fits", "Choose another outcome, or fewer letters of the name.");
    return make("p", { class: "card__body faint" }, this.over ? "There is nothing to tell of single documents." : "What becomes of each document is told here as soon as it is read.");
  }

  table() {
    const columns = [
      ["Document", (row) => row.name, { main: true }],
      ["Outcome", (row) => badge(row.outcome, OUTCOMES[row.outcome] ?? "")],
      ["What to know", (row) => [`${row.detail} ${row.remedy}`.trim(), row.flags.length > 0 && flags(row.flags)]],
    ];
    return table("What became of each document", columns, this.rows);
  }
}

/** What screening found, with the place and the words, which are only ever shown as text. */
export function flags(all) {
  const one = ({ kind, place, quote }) => make("li", {}, badge(kind, "badge--note"), make("span", {}, `${place}: `, make("q", {}, quote)));
  return make("ul", { class: "flags", role: "list" }, all.map(one));
}
