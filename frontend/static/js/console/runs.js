// Ingest runs, the newest first.

import { badge, button, empty, make } from "../dom.js";
import { count, time } from "../moments.js";
import { api, card, show, table, view } from "./view.js";

const PAGE = 50;
const LOOKS = { queued: "", paused: "badge--evidence", running: "badge--info badge--live", done: "badge--good", failed: "badge--bad", cancelled: "" };
const AGAIN_MS = 2000;

export const stateOf = (run) => badge(run.state, LOOKS[run.state] ?? "");

export function summary({ counts }) {
  const words = ["added", "changed", "removed", "failed"].filter((name) => counts[name]).map((name) => `${count(counts[name])} ${name}`);
  return words.join(", ") || `${count(counts.unchanged)} unchanged`;
}

export function runsTable(runs) {
  const columns = [
    ["Source", (run) => make("a", { href: `/console/runs/${run.id}` }, run.source), { main: true }],
    ["State", stateOf],
    ["Result", summary],
    ["Documents", (run) => count(run.counts.documents), { number: true }],
    ["Begun", (run) => time(run.started_at ?? run.created_at)],
  ];
  return table("Ingest runs", columns, runs);
}

let older = [];

/** The first page is looked at again while something is under way; what was loaded below it stays. */
async function draw() {
  await show(
    () => api.get(`/api/admin/ingest-runs?limit=${PAGE}`),
    ({ data, next }) => {
      if (data.some((run) => run.state === "queued" || run.state === "running")) setTimeout(draw, AGAIN_MS);
      const add = button("Add documents", { symbol: "upload", look: "button--main", onclick: () => location.assign("/console/sources") });
      if (data.length === 0) return card(null, empty("activity", "No runs yet", "A run reads documents and builds a snapshot from them.", add));
      const from = older.findIndex((run) => run.id < data.at(-1).id);
      const below = from < 0 ? [] : older.slice(from);
      const cursor = older.length ? older.next : next;
      const more = cursor && button("Load more", { onclick: () => load(cursor) });
      return card(null, runsTable([...data, ...below]), { foot: more && make("div", { class: "row" }, more) });
    },
  );
}

async function load(after) {
  const { data, next } = await api.get(`/api/admin/ingest-runs?limit=${PAGE}&after=${encodeURIComponent(after)}`);
  older = Object.assign([...older, ...data], { next });
  await draw();
}

if (document.querySelector('[data-view="runs"]') && view) draw();
