// One ingest run, live: its stages with counts, rates and what is left, and below it the log of its documents.

import { button, icon, make, replace } from "../dom.js";
import { count, several, time } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { Stream } from "../stream.js";
import { RunLog } from "./log.js";
import { stateOf } from "./runs.js";
import { api, card, part, show, subject } from "./view.js";

const STAGES = { fetch: "Fetch", parse: "Read", screen: "Screen", split: "Split", embed: "Embed", index: "Index", check: "Check" };
const NAMES = Object.keys(STAGES);
const OVER = ["done", "failed", "cancelled"];
const LONG_S = 90;

const stream = new Stream(`/api/admin/ingest-runs/${subject}/events`, { onevent: ({ data }) => update(data.run) });
const head = make("div");
const log = new RunLog(subject);
let before;

show(
  () => api.get(`/api/admin/ingest-runs/${subject}`),
  (run) => {
    if (!OVER.includes(run.state)) stream.start();
    update(run);
    return [head, log.element];
  },
);

function update(run) {
  if (OVER.includes(run.state)) stream.close();
  const turned = before && before !== run.state;
  before = run.state;
  part("title").textContent = `Run of “${run.source}”`;
  replace(part("lead"), make("span", { class: "row" }, stateOf(run), "begun ", time(run.started_at ?? run.created_at)));
  replace(part("actions"), actions(run));
  replace(head, progress(run));
  log.follow(run);
  if (turned) announce(`The run is ${run.state}.`);
}

function actions(run) {
  const failed = run.counts.failed;
  if (run.state === "done" || run.state === "failed" || run.state === "cancelled") {
    return [
      failed > 0 && button(`Retry ${several(failed, "failure")}`, { symbol: "rotate-ccw", onclick: retry }),
      run.state === "done" && button("Snapshots", { symbol: "layers", look: "button--main", onclick: () => location.assign("/console/snapshots") }),
    ];
  }
  return [
    run.state === "paused" ? button("Resume", { symbol: "play", look: "button--main", onclick: () => ask("resume") }) : button(run.pausing ? "Pausing" : "Pause", { symbol: "clock", disabled: run.pausing, onclick: () => ask("pause") }),
    button("Cancel", { symbol: "circle-x", look: "button--danger", onclick: cancel }),
  ];
}

async function ask(verb) {
  try {
    update(await api.post(`/api/admin/ingest-runs/${subject}/${verb}`));
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    toast(problem.message, { symbol: "circle-alert" });
  }
}

async function cancel() {
  if (await confirmed("Cancel this run?", "What is published stays as it is.", "Cancel the run", { danger: true })) await ask("cancel");
}

async function retry() {
  try {
    const { run_id } = await api.post(`/api/admin/ingest-runs/${subject}/retry`);
    location.assign(`/console/runs/${run_id}`);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    toast(problem.message, { symbol: "circle-alert" });
  }
}

function progress(run) {
  const counts = Object.entries(run.counts).map(([name, number]) => make("div", {}, make("dt", {}, name), make("dd", {}, count(number))));
  return card(null, make("div", { class: "card__body stack" }, make("ol", { class: "stages", role: "list", "aria-label": "Stages" }, NAMES.map((name) => stageOf(run, name))), banners(run), make("dl", { class: "counts" }, counts)));
}

/** Reading and screening take turns, so a stage is over when it is complete and so is all before it. */
function stageOf(run, name) {
  const stage = run.stages.find((one) => one.name === name);
  const furthest = Math.max(...run.stages.map((one) => NAMES.indexOf(one.name)));
  const place = NAMES.indexOf(name);
  const earlier = run.stages.filter((one) => NAMES.indexOf(one.name) <= place);
  const done = run.state === "done" || (place < furthest && earlier.every((one) => one.done >= one.total) && run.stage !== name);
  const now = !done && place <= furthest && run.state !== "queued";
  const look = done ? "is-done" : now && (run.state === "running" ? "is-now" : run.state === "paused" ? "is-paused" : "is-bad");
  const bar = now && run.state === "running" && stage?.total > 0 && make("progress", { class: "bar", max: String(stage.total), value: String(stage.done), "aria-label": `${STAGES[name]}: ${stage.done} of ${stage.total}` });
  return make("li", { class: `stage ${look || ""} ${bar ? "has-bar" : ""}`, "aria-current": now && "step" }, bar, make("span", {}, done && icon("check", "icon--small"), STAGES[name]), stage && make("small", { class: "stage__told number" }, told(stage).map((line) => make("span", {}, line))));
}

function told({ done, total, seconds, rate, remaining_seconds: left }) {
  if (left) return [`${count(done)} of ${count(total)}`, `${pace(rate)}, ${duration(left)} left`];
  return [total > 0 && (done < total ? `${count(done)} of ${count(total)}` : count(total)), seconds >= 0.1 && [duration(seconds), total > 0 && rate && `, ${pace(rate)}`]].filter(Boolean).map((part) => [part].flat().filter(Boolean).join(""));
}

const pace = (rate) => `${count(rate >= 10 ? Math.round(rate) : rate)}/s`;

function duration(seconds) {
  if (seconds < 10) return `${count(Math.round(seconds * 10) / 10)} s`;
  return seconds < LONG_S ? `${count(Math.round(seconds))} s` : `${count(Math.round(seconds / 60))} min`;
}

function banners(run) {
  const banner = (look, symbol, ...words) => make("p", { class: `banner banner--${look}` }, icon(symbol), make("span", {}, words));
  const link = make("a", { href: "/console/snapshots" }, "See the snapshots");
  return [
    run.error && banner("bad", "circle-alert", run.error),
    run.state === "paused" && banner("warning", "clock", "Paused. What was read and embedded is kept, and nothing new is published until the run goes on."),
    ...run.held.map((reason) => banner("warning", "hand", "Not published: ", reason)),
    run.state === "done" && make("p", { class: "banner banner--good" }, icon("circle-check"), make("span", {}, doneText(run)), link),
  ];
}

function doneText({ counts, snapshot_id: snapshot }) {
  if (!snapshot) return "Nothing changed, so there is no new snapshot.";
  return `The snapshot holds ${several(counts.documents, "document")} in ${several(counts.passages, "passage")}.`;
}
