// What the bot may decide alone: how sure it must be, what is left to people, and when people are there.

import { badge, button, empty, make, replace } from "../dom.js";
import { count, percent, several, time } from "../moments.js";
import { announce, toast } from "../say.js";
import { drawCurve } from "./curve.js";
import { api, card, field, form, show, table } from "./view.js";

const LAST = 200;
const WAIT_MS = 250;
const DECISIONS = [
  ["answer", "Answered"],
  ["caveat", "With a caveat"],
  ["clarify", "Asked back"],
  ["offer", "Offered a person"],
  ["escalate", "Handed over"],
];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SOURCES = { agent: "agents", draft: "drafts", rating: "ratings", complaint: "complaints", reopened: "questions asked again" };
const exact = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "percent", maximumFractionDigits: 1 });

const again = () => show(() => api.get("/api/admin/policy"), draw);
again();

function draw(policy) {
  const sure = sureness(policy);
  const topics = leftToPeople(policy.never_auto);
  const hours = officeHours(policy.office_hours);
  const send = async () => {
    await api.patch("/api/admin/policy", { ...sure.value(), ...topics.value(), ...hours.value(), version: policy.version });
    toast("The policy stands from now on.");
    again();
  };
  const foot = make("div", { class: "row policy__save" }, make("button", { class: "button button--main" }, "Save the policy"), make("span", { class: "small faint" }, `Version ${policy.version} is in force. Every decision keeps the version that it was made under.`));
  return [form(send, sure.element, make("div", { class: "pair" }, topics.element, hours.element), foot), calibration(policy)];
}

/** The slider, and what the last answers would have become under it. */
function sureness(policy) {
  const said = make("output", { for: "max-wrong", class: "policy__share" });
  const slider = make("input", { type: "range", class: "slider", id: "max-wrong", name: "max_wrong", min: "0.5", max: "30", step: "0.5", value: String(policy.max_wrong * 100), oninput: tell });
  const promise = make("p", { class: "policy__promise" }, promised(policy));
  const outcome = make("div", { class: "stack" });
  const value = () => ({ max_wrong: Math.round(Number(slider.value) * 10) / 1000 });
  let waiting = 0;

  function tell() {
    said.textContent = exact.format(value().max_wrong);
    slider.setAttribute("aria-valuetext", `at most ${said.textContent} wrong`);
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  }

  const look = () =>
    show(
      () => api.post(`/api/admin/policy/preview?last=${LAST}`, value()),
      (preview) => {
        replace(promise, promised({ ...policy, ...preview, ...value() }));
        announce(`${count(preview.after.answer)} of ${count(preview.turns)} would have been answered.`);
        return preview.turns ? compared(preview) : empty("message-square", "No questions yet", "As soon as customers ask, you see here what another share would change.");
      },
      outcome,
    );

  tell();
  const body = make(
    "div",
    { class: "card__body policy__sure" },
    make("div", { class: "stack" }, make("label", { for: "max-wrong", class: "policy__label" }, "At most ", said, " of plain answers may be wrong"), slider, promise, assumptions()),
    outcome,
  );
  return { value, element: card("How sure it must be", body) };
}

function promised({ max_wrong: share, promise, thresholds, calibration, verdicts }) {
  const from = promise.reachable ? `It answers from a probability of ${exact.format(thresholds.answer_from)} on. ` : "";
  if (promise.kept) return `${from}Of your own ${several(promise.verdicts, "verdict")}, ${count(promise.answers)} lie above it, and ${count(promise.wrong)} of those were wrong. With 95 % confidence no more than ${exact.format(promise.worst)} are.`;
  if (calibration.own) return `Your ${several(promise.verdicts, "verdict")} do not carry a share of ${exact.format(share)}: every answer gets a caveat. Choose a larger share, or mend what was wrong.`;
  const missing = Math.max(0, verdicts.needed - verdicts.all);
  return `${from}This is not a promise for your site yet. Until your own verdicts count, it assumes that your articles hold what ${exact.format(promise.assumed_held)} of the questions ask for. On question sets mixed like that, ${count(promise.wrong)} of ${count(promise.answers)} such answers were wrong. ${missing ? `${several(missing, "verdict")} are missing until your own count.` : "Your own verdicts count as soon as enough of them are right and enough are wrong."}`;
}

function assumptions() {
  return make(
    "details",
    { class: "policy__why" },
    make("summary", {}, "What is promised, and what it rests on"),
    make("p", {}, "Before your own verdicts count, nothing is promised: the threshold is an estimate, made for a site whose articles answer most questions, and nothing is answered plainly that is more likely wrong than right on those sets, unless the sets themselves carry the share. What follows holds from then on."),
    make("p", {}, "The threshold is chosen by conformal risk control: the expected share of wrong ones among plain answers stays at what you set, whatever the distribution of the questions, and with 95 % confidence it is not above it by more than 2 points."),
    make("p", {}, "This holds as long as the questions with a verdict are like those to come, verdicts are right, and a higher probability does not mean more errors. It is a promise for the average, not for one answer. If only unhappy customers rate, the bot becomes more careful than it must be. After a large change of your articles, let agents judge some answers anew."),
  );
}

function compared({ turns, before, after, changed, examples }) {
  const most = Math.max(1, ...Object.values(before), ...Object.values(after));
  const rows = DECISIONS.map(([name, label]) => {
    const [was, becomes] = [before[name] ?? 0, after[name] ?? 0];
    const bar = make("progress", { max: String(most), value: String(becomes), "aria-hidden": "true" });
    return make("div", { class: "share" }, make("span", {}, label), bar, make("span", {}, count(becomes), was !== becomes && make("small", { class: "policy__change" }, ` was ${count(was)}`)));
  });
  const names = Object.fromEntries(DECISIONS);
  const list = examples.slice(0, 5).map((one) => make("li", {}, make("a", { href: `/console/decisions/${one.turn_id}`, dir: "auto" }, one.question), ` ${names[one.before].toLowerCase()} → ${names[one.after].toLowerCase()}`));
  return [
    make("p", { class: "small faint" }, changed ? `Of the last ${several(turns, "question")}, ${count(changed)} would have ended differently.` : `The last ${several(turns, "question")} would have ended the same.`),
    make("div", { class: "shares" }, rows),
    list.length ? make("ul", { class: "policy__examples small" }, list) : null,
  ];
}

function leftToPeople(topics) {
  const input = make("textarea", { class: "input", id: "never-auto", name: "never_auto", rows: "10", spellcheck: "false" });
  input.value = topics.join("\n");
  const hint = "One topic a line. A message about it goes to a person at once, however good the answer would be. Legal threat, self-harm and chargeback are known in many wordings; any other topic is recognised when all its words occur.";
  const value = () => ({ never_auto: input.value.split("\n").map((line) => line.trim()).filter(Boolean) });
  return { value, element: card("Left to people", make("div", { class: "card__body" }, field("Topics", input, hint))) };
}

function officeHours(hours) {
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [];
  const zone = make("input", { class: "input", id: "zone", name: "zone", list: "zones", value: hours?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone, autocomplete: "off" });
  const days = DAYS.map((day) => make("input", { class: "input", id: day.toLowerCase(), name: day.toLowerCase(), value: (hours?.[day.toLowerCase()] ?? []).join(", "), placeholder: "closed", autocomplete: "off" }));
  const spans = (input) => input.value.split(",").map((one) => one.trim().replace(/\s*[-–]\s*/, "-")).filter(Boolean);
  const value = () => {
    const open = days.map((input) => [input.name, spans(input)]).filter(([, one]) => one.length);
    return { office_hours: open.length ? { zone: zone.value.trim(), ...Object.fromEntries(open) } : null };
  };
  const body = make(
    "div",
    { class: "card__body stack" },
    make("p", { class: "small faint" }, "Outside these hours an offer says when people are back, and asks for an email address. Leave all days empty if people are always there."),
    field("Time zone", zone),
    make("datalist", { id: "zones" }, zones.map((one) => make("option", { value: one }))),
    make("div", { class: "fields policy__days" }, days.map((input, index) => field(DAYS[index], input))),
    make("p", { class: "field__hint" }, "Such as 09:00-17:00, or 09:00-12:00, 13:00-17:00."),
  );
  return { value, element: card("Office hours", body) };
}

function calibration({ calibration: standing, verdicts }) {
  const state = standing.own ? badge(`${standing.version}, from your verdicts`, "badge--good") : badge("shipped with Answerdesk", "badge--note");
  const sources = Object.entries(verdicts.sources).map(([name, number]) => `${count(number)} from ${SOURCES[name] ?? name}`);
  const collected = `${count(verdicts.all)} of the ${count(verdicts.needed)} verdicts that a calibration of your own needs${sources.length ? `: ${sources.join(", ")}` : ""}.`;
  const ask = button("Calibrate now", { symbol: "refresh-cw", look: "button--small", onclick: (event) => recalibrate(event.currentTarget) });
  const told = make(
    "div",
    { class: "stack" },
    make("p", { class: "row" }, "In force: ", state, standing.made_at && time(standing.made_at)),
    make("p", {}, collected),
    make("progress", { class: "bar", max: String(verdicts.needed), value: String(Math.min(verdicts.all, verdicts.needed)), "aria-label": "Verdicts collected" }),
    make("p", { class: "small faint" }, "Verdicts are drafts that agents send, edit or discard, answers that they mark as right or wrong in the inbox, customers’ ratings and complaints, and questions that are asked again after they were resolved. Every hour the calibration is made anew when there are enough new ones."),
  );
  const body = make("div", { class: "card__body policy__calibration" }, told, drawCurve(standing.curve));
  const history = standing.history.length ? table("Calibrations", columns, standing.history) : null;
  return card("What a probability means here", [body, history], { actions: [ask] });
}

const columns = [
  ["Version", (one) => one.version, { main: true }],
  ["Verdicts", (one) => count(one.verdicts), { number: true }],
  ["Right", (one) => percent(one.right / one.verdicts), { number: true }],
  ["Calibration error", (one) => exact.format(one.error), { number: true }],
  ["Made", (one) => time(one.at)],
];

async function recalibrate(pressed) {
  pressed.disabled = true;
  await api.post("/api/admin/policy/calibrations").then(
    () => toast("The calibration is being made. Reload the page in a moment."),
    (problem) => toast(problem.message, { symbol: "circle-alert" }),
  );
  pressed.disabled = false;
}
