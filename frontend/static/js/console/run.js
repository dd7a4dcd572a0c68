// One ingest run, live: its stage, its counts, and what became of each file.

import { badge, button, icon, make, replace } from "../dom.js";
import { count, several, time } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { Stream } from "../stream.js";
import { stateOf } from "./runs.js";
import { api, card, part, show, subject, table, view } from "./view.js";

const STAGES = [
  ["fetch", "Fetch"],
  ["parse", "Read"],
  ["split", "Split"],
  ["embed", "Embed"],
  ["index", "Index"],
  ["check", "Check"],
];
const OUTCOMES = { added: "badge--good", changed: "badge--info", unchanged: "", removed: "badge--evidence", failed: "badge--bad" };
const OVER = ["done", "failed", "cancelled"];

const stream = new Stream(`/api/admin/ingest-runs/${subject}/events`, { onevent: ({ data }) => replace(view, draw(data.run)) });
let before;

show(
  () => api.get(`/api/admin/ingest-runs/${subject}`),
  (run) => {
    if (!OVER.includes(run.state)) stream.start();
    return draw(run);
  },
);

function draw(run) {
  if (OVER.includes(run.state)) stream.close();
  if (before && before !== run.state) announce(`The run is ${run.state}.`);
  before = run.state;
  part("title").textContent = `Run of “${run.source}”`;
  replace(part("lead"), lead(run));
  replace(part("actions"), actions(run));
  return [progress(run), items(run)];
}

function lead(run) {
  return make("span", { class: "row" }, stateOf(run), "begun ", time(run.started_at ?? run.created_at));
}

function actions(run) {
  const open = !OVER.includes(run.state);
  return [
    open && button("Cancel", { symbol: "circle-x", look: "button--danger", onclick: cancel }),
    run.state === "done" && button("Snapshots", { symbol: "layers", look: "button--main", onclick: () => location.assign("/console/snapshots") }),
  ];
}

async function cancel() {
  if (!(await confirmed("Cancel this run?", "What is published stays as it is.", "Cancel the run", { danger: true }))) return;
  await api.post(`/api/admin/ingest-runs/${subject}/cancel`).catch((problem) => toast(problem.message, { symbol: "circle-alert" }));
}

function progress(run) {
  const at = Math.max(0, STAGES.findIndex(([name]) => name === run.stage));
  const looks = (index) => {
    if (run.state === "done") return "is-done";
    if (index < at) return "is-done";
    if (index > at || run.state === "queued") return "";
    return run.state === "running" ? "is-now" : "is-bad";
  };
  const stages = STAGES.map(([, label], index) => make("li", { class: `stage ${looks(index)}`, "aria-current": looks(index) === "is-now" && "step" }, make("span", {}, looks(index) === "is-done" && icon("check", "icon--small"), label)));
  const stage = run.stages.find(({ name }) => name === run.stage);
  const share = stage?.total > 0 && run.state === "running" && make("progress", { class: "bar", max: String(stage.total), value: String(stage.done), "aria-label": `${stage.done} of ${stage.total}` });
  const counts = Object.entries(run.counts).map(([name, number]) => make("div", {}, make("dt", {}, name), make("dd", {}, count(number))));
  const trouble = run.error && make("p", { class: "banner banner--bad" }, icon("circle-alert"), make("span", {}, run.error));
  const done = run.state === "done" && make("p", { class: "banner banner--good" }, icon("circle-check"), make("span", {}, doneText(run)), make("a", { href: "/console/snapshots" }, "See the snapshots"));
  return card(null, make("div", { class: "card__body stack" }, make("ol", { class: "stages", role: "list", "aria-label": "Stages" }, stages), share, share && make("p", { class: "small faint number" }, `${count(stage.done)} of ${count(stage.total)}`), trouble, done, make("dl", { class: "counts" }, counts)));
}

function doneText({ counts, snapshot_id: snapshot }) {
  if (!snapshot) return "Nothing changed, so there is no new snapshot.";
  return `The snapshot holds ${several(counts.documents, "document")} in ${several(counts.passages, "passage")}.`;
}

function items({ items: all = [], state }) {
  if (all.length === 0) return card("Files", make("p", { class: "card__body faint" }, OVER.includes(state) ? "There is nothing to tell of single files." : "What becomes of each file is shown when the run ends."));
  const columns = [
    ["File", (item) => item.name, { main: true }],
    ["Outcome", (item) => badge(item.outcome, OUTCOMES[item.outcome] ?? "")],
    ["Detail", (item) => item.detail],
  ];
  return card("Files", table("What became of each file", columns, all));
}
