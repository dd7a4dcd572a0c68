// Snapshots of the knowledge base: which one answers, and how to change that.

import { badge, button, empty, make } from "../dom.js";
import { several, time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { api, card, part, show } from "./view.js";

const LOOKS = { published: "badge--good", ready: "badge--info", building: "badge--evidence badge--live", retired: "", failed: "badge--bad" };
const AGAIN_MS = 2500;

const load = async () => (await api.get("/api/admin/snapshots")).data;
const draw = () => show(load, drawAll);
draw();

function drawAll(snapshots) {
  if (snapshots.some((one) => one.state === "building")) setTimeout(draw, AGAIN_MS);
  const published = snapshots.find((one) => one.state === "published");
  const earlier = published && snapshots.some((one) => one.state === "retired");
  part("actions").replaceChildren(...(earlier ? [button("Roll back", { symbol: "history", onclick: rollBack })] : []));
  if (snapshots.length === 0) return card(null, empty("layers", "No snapshot yet", "Each ingest run builds a snapshot. Publish one, and the bot answers from it.", make("a", { class: "button button--main", href: "/console/sources" }, "Add documents")));
  return card(null, make("ul", { role: "list" }, snapshots.map((one) => drawSnapshot(one, published))));
}

function drawSnapshot(snapshot, published) {
  const can = snapshot.state === "ready" || snapshot.state === "retired";
  const facts = [several(snapshot.documents, "document"), several(snapshot.passages, "passage"), change(snapshot, published), snapshot.fingerprint].filter(Boolean);
  return make(
    "li",
    { class: `snapshot ${snapshot.state === "published" ? "is-published" : ""}` },
    make(
      "div",
      {},
      make("p", { class: "snapshot__title" }, badge(snapshot.state === "published" ? "answers now" : snapshot.state, LOOKS[snapshot.state] ?? ""), make("span", {}, "Built ", time(snapshot.created_at)), snapshot.run_id && make("a", { class: "small", href: `/console/runs/${snapshot.run_id}` }, "its run")),
      make("p", { class: "snapshot__facts" }, facts.join(" · ")),
    ),
    can ? button("Publish", { symbol: "check", look: snapshot.state === "ready" ? "button--main" : "", "aria-label": `Publish the snapshot built ${new Date(snapshot.created_at).toLocaleString()}`, onclick: () => publish(snapshot, published) }) : "",
  );
}

function change(snapshot, published) {
  if (!published || snapshot.id === published.id) return "";
  const more = snapshot.documents - published.documents;
  if (more === 0) return "as many documents as now";
  return more > 0 ? `${several(more, "document")} more than now` : `${several(-more, "document")} fewer than now`;
}

async function publish(snapshot, published) {
  const detail = `From the next question on, answers come from ${several(snapshot.documents, "document")} in ${several(snapshot.passages, "passage")}${published ? `; now it is ${several(published.documents, "document")}` : ""}. You can roll back at any time.`;
  if (!(await confirmed("Publish this snapshot?", detail, "Publish"))) return;
  await apply(() => api.post(`/api/admin/snapshots/${snapshot.id}/publish`), "Published. The next question uses it.");
}

async function rollBack() {
  if (!(await confirmed("Roll back?", "The snapshot that answered before answers again. Doing it twice comes back to here.", "Roll back"))) return;
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
