// The state of things at a glance: what answers, how it goes, what happened last.

import { empty, icon, make } from "../dom.js";
import { count, percent, several } from "../moments.js";
import { money } from "./money.js";
import { runsTable } from "./runs.js";
import { api, card, show } from "./view.js";

const DAYS = 30;
const RUNS = 5;
const DECISIONS = [
  ["answer", "Answered"],
  ["caveat", "With a caveat"],
  ["clarify", "Asked back"],
  ["offer", "Offered a person"],
  ["escalate", "Handed over"],
];

const load = async () => {
  const [snapshots, runs, usage, waiting] = await Promise.all([api.get("/api/admin/snapshots"), api.get("/api/admin/ingest-runs"), api.get(`/api/admin/usage?days=${DAYS}`), api.get("/api/inbox/counts")]);
  return { published: snapshots.data.find((one) => one.state === "published"), held: snapshots.data[0]?.state === "waiting" ? snapshots.data[0] : null, runs: runs.data, usage, waiting };
};

show(load, ({ published, held, runs, usage, waiting }) => [
  held ? waitingForReview(held) : null,
  published ? null : nothingPublished(),
  figures(published, usage, waiting),
  make("div", { class: "pair" }, decisions(usage), shareSnippet()),
  card("Latest runs", runs.length ? runsTable(runs.slice(0, RUNS)) : empty("activity", "No runs yet", "A run reads documents and builds a snapshot."), { actions: runs.length > RUNS ? [make("a", { href: "/console/runs" }, "All runs")] : [] }),
]);

function waitingForReview({ id, reasons }) {
  return make("p", { class: "banner banner--warning" }, icon("triangle-alert"), make("span", {}, "The newest snapshot waits for review. ", reasons[0]?.sentence ?? ""), make("a", { class: "button button--small", href: `/console/snapshots/${id}` }, "Review it"));
}

function nothingPublished() {
  return make("p", { class: "banner banner--warning" }, icon("triangle-alert"), make("span", {}, "Nothing is published yet, so every question goes to a person."), make("a", { class: "button button--small", href: "/console/sources" }, "Add documents"));
}

function figures(published, usage, waiting) {
  const answered = (usage.decisions.answer ?? 0) + (usage.decisions.caveat ?? 0);
  const decided = Object.values(usage.decisions).reduce((sum, number) => sum + number, 0);
  const { total } = usage.calls;
  const all = [
    ["Waiting for a person", count(waiting.queue), several(waiting.all, "open conversation")],
    [`Questions in ${DAYS} days`, count(usage.turns), decided ? `${percent(answered / decided)} answered without a person` : "none yet"],
    ["Documents that answer", count(published?.documents), published ? several(published.passages, "passage") : "nothing is published"],
    ["Spent on models", money(total.cost_micro_usd), `${count(total.input_tokens + total.output_tokens)} tokens in ${DAYS} days`],
  ];
  return make("dl", { class: "card figures" }, all.map(([name, number, detail]) => make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, number), make("dd", {}, detail))));
}

function decisions({ decisions: by }) {
  const most = Math.max(1, ...Object.values(by));
  const rows = DECISIONS.map(([name, label]) => make("div", { class: "share" }, make("span", {}, label), make("progress", { max: String(most), value: String(by[name] ?? 0), "aria-hidden": "true" }), make("span", {}, count(by[name]))));
  return card("What the bot decided", make("div", { class: "card__body shares" }, rows));
}

function shareSnippet() {
  const tag = `<script src="${location.origin}/widget.js" async></script>`;
  const copy = make("button", { class: "button button--small", type: "button", onclick: () => navigator.clipboard?.writeText(tag).then(() => (copy.textContent = "Copied")) }, "Copy");
  const body = make(
    "div",
    { class: "card__body stack" },
    make("p", {}, "One line puts the chat on your site. Name the site in ANSWERDESK_WIDGET_ORIGINS, or browsers will not show it."),
    make("div", { class: "secret" }, make("code", { tabindex: "0" }, tag), copy),
    make("p", { class: "small faint" }, "It is live on your help centre already: ", make("a", { href: "/help" }, "see it there"), "."),
  );
  return card("On your site", body);
}

