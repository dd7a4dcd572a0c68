// Ingest runs, the newest first.

import { badge, button, empty, make } from "../dom.js";
import { count, time } from "../moments.js";
import { api, card, show, table, view } from "./view.js";

const LOOKS = { queued: "", running: "badge--info badge--live", done: "badge--good", failed: "badge--bad", cancelled: "" };
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

async function draw() {
  await show(
    () => api.get("/api/admin/ingest-runs"),
    ({ data }) => {
      if (data.some((run) => run.state === "queued" || run.state === "running")) setTimeout(draw, AGAIN_MS);
      const add = button("Add documents", { symbol: "upload", look: "button--main", onclick: () => location.assign("/console/sources") });
      return card(null, data.length ? runsTable(data) : empty("activity", "No runs yet", "A run reads documents and builds a snapshot from them.", add));
    },
  );
}

if (document.querySelector('[data-view="runs"]') && view) draw();
