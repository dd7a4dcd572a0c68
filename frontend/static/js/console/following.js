// A run that somebody's change began: how it goes, and how it ended.

import { icon, make, replace } from "../dom.js";
import { announce } from "../say.js";

const LOOK_MS = 700;
const OVER = ["done", "failed", "cancelled"];

/** Shows the run in this place; resolves to whether its snapshot answers now. */
export async function follow(api, run, place, done) {
  const link = make("a", { href: `/console/runs/${run}` }, "See the run");
  const tell = (look, symbol, said) => replace(place, make("div", { class: `banner ${look}`, role: "status" }, icon(symbol), make("span", {}, said), link));
  for (;;) {
    const { state, error, held } = await api.get(`/api/admin/ingest-runs/${run}`);
    if (!OVER.includes(state)) {
      tell("", "loader", state === "paused" ? "The run is paused." : "A run builds the next snapshot…");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      continue;
    }
    const good = state === "done" && !held?.length;
    const said = good ? done : state === "done" ? "The snapshot waits for your word before it answers." : `The run is ${state}. ${error ?? ""}`;
    tell(good ? "banner--good" : "banner--warning", good ? "circle-check" : "triangle-alert", said);
    announce(said);
    return good;
  }
}
