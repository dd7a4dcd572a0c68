// Snapshots of the knowledge base: which one answers, which ones wait for a look, and how to change that.

import { badge, button, empty, icon, make } from "../dom.js";
import { count, several, time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { api, card, part, show } from "./view.js";

export const LOOKS = { published: "badge--good", ready: "badge--info", waiting: "badge--evidence", building: "badge--evidence badge--live", retired: "", failed: "badge--bad" };
const NAMES = { published: "answers now", waiting: "waiting for review" };
const AGAIN_MS = 2500;

export const nameOf = ({ state }) => NAMES[state] ?? state;

const load = async () => (await api.get("/api/admin/snapshots")).data;
const draw = () => show(load, drawAll);
if (document.querySelector('[data-view="snapshots"]')) draw();

function drawAll(snapshots) {
  if (snapshots.some((one) => one.state === "building")) setTimeout(draw, AGAIN_MS);
  const published = snapshots.find((one) => one.state === "published");
  const earlier = published && snapshots.find((one) => one.state === "retired");
  part("actions").replaceChildren(...(earlier ? [button("Roll back", { symbol: "history", onclick: rollBack })] : []));
  if (snapshots.length === 0) return card(null, empty("layers", "No snapshot yet", "Each ingest run builds a snapshot. Publish one, and the bot answers from it.", make("a", { class: "button button--main", href: "/console/sources" }, "Add documents")));
  return card(null, make("ul", { role: "list" }, snapshots.map((one) => drawSnapshot(one, published))));
}

function drawSnapshot(snapshot, published) {
  const { state } = snapshot;
  const facts = [several(snapshot.documents, "document"), several(snapshot.passages, "passage"), change(snapshot, published), snapshot.fingerprint].filter(Boolean);
  const reasons = state === "waiting" && make("ul", { class: "reasons" }, snapshot.reasons.map((one) => make("li", { class: one.stops ? "" : "is-mild" }, icon(one.stops ? "triangle-alert" : "info"), make("span", {}, one.sentence))));
  const when = new Date(snapshot.created_at).toLocaleString();
  const look = make("a", { class: `button ${state === "waiting" ? "button--main" : ""}`, href: `/console/snapshots/${snapshot.id}`, "aria-label": `Look at the snapshot built ${when}` }, icon("search"), make("span", {}, state === "waiting" ? "Review" : "Look"));
  const publishing = (state === "ready" || state === "retired") && button("Publish", { symbol: "check", look: state === "ready" ? "button--main" : "", "aria-label": `Publish the snapshot built ${when}`, onclick: () => publish(snapshot) });
  return make(
    "li",
    { class: `snapshot ${state === "published" ? "is-published" : ""}` },
    make(
      "div",
      { class: "stack" },
      make("p", { class: "snapshot__title" }, badge(nameOf(snapshot), LOOKS[state] ?? ""), make("span", {}, "Built ", time(snapshot.created_at)), snapshot.run_id && make("a", { class: "small", href: `/console/runs/${snapshot.run_id}` }, "its run")),
      make("p", { class: "snapshot__facts" }, facts.join(" · ")),
      reasons,
    ),
    make("div", { class: "row" }, state === "building" || state === "failed" ? null : look, publishing),
  );
}

function change(snapshot, published) {
  if (!published || snapshot.id === published.id) return "";
  const more = snapshot.documents - published.documents;
  if (more === 0) return "as many documents as now";
  return more > 0 ? `${several(more, "document")} more than now` : `${several(-more, "document")} fewer than now`;
}

/** What would be different from the next question on, in one sentence. */
export async function difference(id) {
  const { documents, passages } = await api.get(`/api/admin/snapshots/${id}/diff?limit=1`);
  const parts = [["changed", "changed"], ["added", "added"], ["removed", "removed"]].map(([name, word]) => documents[name] && `${several(documents[name], "document")} ${word}`).filter(Boolean);
  if (parts.length === 0) return "It holds the same documents as what answers now.";
  return `Against what answers now: ${parts.join(", ")}; ${count(passages.added)} new passages, ${count(passages.removed)} gone.`;
}

async function publish(snapshot) {
  const told = await difference(snapshot.id).catch((problem) => problem.message);
  if (!(await confirmed("Publish this snapshot?", `${told} From the next question on, answers come from it. You can roll back at any time.`, "Publish"))) return;
  await apply(() => api.post(`/api/admin/snapshots/${snapshot.id}/publish`), "Published. The next question uses it.");
}

async function rollBack() {
  const { previous } = await api.get("/api/admin/snapshots");
  const told = previous ? await difference(previous).catch((problem) => problem.message) : "";
  if (!(await confirmed("Roll back?", `The snapshot that answered before answers again. ${told} Doing it twice comes back to here.`, "Roll back"))) return;
  await apply(() => api.post("/api/admin/snapshots/rollback"), "Rolled back.");
}

async function apply(ask, said) {
  try {
    await ask();
    toast(said);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
  await draw();
}
