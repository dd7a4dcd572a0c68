// Where documents come from: what each source holds, when it is read, and what can be done with it.

import { badge, button, empty, icon, make } from "../dom.js";
import { count, several, time } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { uploadCard } from "./adding.js";
import { editCutting, inShort } from "./cutting.js";
import { look } from "./looking.js";
import { stateOf, summary } from "./runs.js";
import { KINDS, editSource, placeOf, scheduleOf } from "./source.js";
import { api, card, part, show, table } from "./view.js";

const people = (await api.get("/api/admin/people").catch(() => ({ data: [] }))).data;
const AUDIENCES = { public: "Public", customers: "Customers", internal: "Internal" };

part("actions").replaceChildren(button("Add a source", { symbol: "plus", look: "button--main", onclick: () => editSource(null, people, added) }));
const draw = () => show(() => api.get("/api/admin/sources"), ({ data }) => [uploadCard(data), sourcesCard(data)]);
draw();

async function added(source) {
  await draw();
  if (source?.again && !source.last_run && source.enabled) look(source, runNow);
}

function sourcesCard(sources) {
  const columns = [
    ["Source", nameOf, { main: true }],
    ["Documents", (source) => count(source.documents), { number: true }],
    ["For", (source) => make("span", { class: "row" }, badge(AUDIENCES[source.audience] ?? source.audience, "badge--plain"), source.locale && badge(source.locale, "badge--plain"))],
    ["Read", readWhen],
    ["Last run", lastRun],
    ["On", onOff],
    ["", actions, { actions: true }],
  ];
  const way = button("Add a source", { symbol: "plus", look: "button--main", onclick: () => editSource(null, people, added) });
  return card("Sources", sources.length ? table("Sources", columns, sources) : empty("folder-open", "No sources yet", "Drop your first documents above, or name a site, a folder or a repository that is read again and again.", way));
}

function nameOf(source) {
  const owner = people.find((one) => one.id === source.owner);
  const place = placeOf(source);
  const cut = inShort(source.cutting);
  return make("div", { class: "origin" }, make("span", { class: "row" }, icon(KINDS[source.kind]?.symbol ?? "files"), make("strong", {}, source.name)), make("span", { class: "small faint clip" }, [KINDS[source.kind]?.label ?? source.kind, place, owner && `looked after by ${owner.name}`].filter(Boolean).join(" · ")), cut && make("span", { class: "small faint" }, cut));
}

function readWhen(source) {
  const next = source.next_run_at && make("span", { class: "small faint" }, "next ", time(source.next_run_at));
  return make("div", { class: "origin" }, make("span", {}, source.again ? scheduleOf(source) : "when files come"), next);
}

function lastRun(source) {
  const run = source.last_run;
  if (!run) return make("span", { class: "faint" }, "never");
  return make("div", { class: "origin" }, make("span", { class: "row" }, make("a", { href: `/console/runs/${run.id}` }, time(run.created_at)), stateOf(run)), make("span", { class: "small faint" }, run.error ?? summary(run)));
}

function onOff(source) {
  const box = make("input", { type: "checkbox", role: "switch", checked: source.enabled, "aria-label": `${source.name} is on`, onchange: (event) => change(source, { enabled: event.target.checked }) });
  return make("label", { class: "choice" }, box);
}

async function change(source, fields) {
  await api.patch(`/api/admin/sources/${source.id}`, fields).then(
    () => announce(`${source.name} is ${fields.enabled ? "on" : "off"}`),
    (problem) => toast(problem.message, { symbol: "circle-alert" }),
  );
  draw();
}

function actions(source) {
  const again = source.again && source.enabled && Object.keys(source.settings).length > 0;
  return make(
    "span",
    { class: "origin__actions" },
    again && act("refresh-cw", `Run ${source.name} now`, () => runNow(source)),
    again && act("search", `Look at the scope of ${source.name}`, () => look(source, runNow)),
    act("scissors", `How ${source.name} is cut`, () => editCutting(source, (run) => location.assign(`/console/runs/${run}`))),
    source.kind in KINDS && act("pencil", `Edit ${source.name}`, () => editSource(source, people, draw)),
    act("trash-2", `Delete ${source.name}`, () => remove(source)),
  );
}

function act(symbol, label, onclick) {
  return button(label, { symbol, look: "button--small button--quiet", text: false, onclick });
}

async function runNow(source) {
  try {
    const { run_id: run } = await api.post(`/api/admin/sources/${source.id}/run`);
    location.assign(`/console/runs/${run}`);
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
}

async function remove(source) {
  const what = source.documents ? `${several(source.documents, "document")} will disappear from the next snapshot, from the help centre and from what the bot knows. What was already cited can still be read.` : "It holds no published documents, so nothing changes for customers.";
  if (!(await confirmed(`Delete “${source.name}”?`, what, "Delete", { danger: true }))) return;
  try {
    const { run_id: run } = await api.delete(`/api/admin/sources/${source.id}`);
    if (source.documents) location.assign(`/console/runs/${run}`);
    else (toast(`${source.name} is deleted.`), draw());
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
}
