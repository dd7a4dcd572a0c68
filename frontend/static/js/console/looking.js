// A look at what a run would fetch, before it does.

import { badge, button, empty, failure, make, replace, skeleton } from "../dom.js";
import { several } from "../moments.js";
import { api, dialogWith } from "./view.js";

const LOOK_EVERY_MS = 700;
const STATES = { fetched: ["will be read", "badge--good"], left: ["left out", "badge--plain"], gone: ["not there", "badge--evidence"], failed: ["cannot be read", "badge--bad"] };

export async function look(source, run) {
  const body = make("div", { class: "stack look", "aria-live": "polite" }, make("p", { class: "small faint" }, "The first pages are fetched now, politely, and nothing is stored."), skeleton(5));
  const start = button("Run now", { symbol: "refresh-cw", look: "button--main", onclick: () => run(source) });
  const foot = make("div", { class: "dialog__foot" }, button("Close", { onclick: () => dialog.close() }), start);
  const dialog = dialogWith(`What “${source.name}” covers`, [body, foot]);
  try {
    replace(body, drawn(await seen(source, body)));
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    replace(body, failure(problem));
  }
}

async function seen(source, body) {
  let found = await api.post(`/api/admin/sources/${source.id}/preview`);
  while (found.state === "queued" && body.isConnected) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    found = await api.get(`/api/admin/sources/${source.id}/preview`);
  }
  return found;
}

function drawn(found) {
  if (found.error) return failure({ message: found.error });
  if (!found.pages?.length) return empty("search", "Nothing was found", "Check the address and the patterns.");
  const good = found.pages.filter((page) => page.state === "fetched").length;
  const more = found.waiting ? ` The look ended after ${found.most}; at least ${several(found.waiting, "more page")} wait.` : "";
  const rows = found.pages.map((page) => {
    const [label, look] = STATES[page.state] ?? [page.state, ""];
    return make("li", { class: "look__page" }, make("span", { class: "clip", title: page.url, dir: "ltr" }, page.url), badge(label, look), page.reason && make("span", { class: "small faint look__why" }, page.reason));
  });
  return [make("p", {}, `${several(good, "page")} of ${found.pages.length} will be read.${more}`), make("ul", { class: "look__pages", role: "list", tabindex: "0", "aria-label": "Pages" }, rows)];
}
