// Routes: who is tried in which order. A change stands at once, or nothing changes.

import { badge, button, icon, make, replace } from "../dom.js";
import { percent } from "../moments.js";
import { announce, confirmed, toast } from "../say.js";
import { api, dialogWith, field, form } from "./view.js";

const ABOUT = {
  answer: ["Answers", "Easy questions begin with the cheap models, hard ones with the strong."],
  draft: ["Drafts", "Replies that agents find waiting, and articles for gaps."],
  rewrite: ["Follow-up questions", "Puts what was said before into a question that points back, where rules are unsure. Without a model, the rules decide."],
  summary: ["Summaries", "What an agent reads above a conversation."],
  judge: ["Judgement", "Samples past answers and says whether they follow from their citations."],
};
const LISTS = [
  ["cheap", "Cheap"],
  ["strong", "Strong"],
];
/** What comes last, when no model of the route does it. */
const LAST = { rewrite: "rules", judge: "no verdict" };
const END = {
  answer: "When none of them answers, the extractive model does, from the passages alone.",
  rewrite: "When none of them answers within a second, the rules rewrite the question.",
  summary: "When none of them answers in time, the summary is made of what was said.",
  judge: "When none of them gives a verdict that can be read, there is none.",
};
const ORDERED = { draft: "strong", rewrite: "cheap", summary: "cheap", judge: "strong" };
const listsOf = (route) => (route.name in ORDERED ? [[ORDERED[route.name], "In this order"]] : LISTS);

export function drawRoutes({ data, models }, again) {
  return data.map((route) => {
    const [title, about] = ABOUT[route.name] ?? [route.name, ""];
    const edit = button("Edit", { symbol: "pencil", look: "button--small", "aria-label": `Edit the route ${title}`, onclick: () => change(route, models, again) });
    const reset = route.own && button("As in the settings", { symbol: "undo-2", look: "button--small button--quiet", "aria-label": `Set the route ${title} back`, onclick: () => setBack(route, title, again) });
    return make(
      "section",
      { class: "route" },
      make("div", { class: "route__head" }, make("h3", {}, title, route.own && badge("changed here", "badge--note"), route.follows && badge(`as ${ABOUT[route.follows][0]}`, "badge--plain")), make("p", { class: "small faint" }, about, route.name === "answer" && ` Hard begins at ${percent(route.strong_from)}.`)),
      make("dl", { class: "route__lists" }, listsOf(route).map(([name, label]) => make("div", {}, make("dt", {}, label), make("dd", {}, chips(route[name].length ? route[name] : route[name === "cheap" ? "strong" : "cheap"], LAST[route.name]))))),
      make("div", { class: "row" }, reset, edit),
    );
  });
}

/** Who is tried in which order, and what comes last. */
function chips(names, final = "extractive") {
  const shown = names.filter((name) => name !== "extractive").map((name) => badge(name, "badge--plain"));
  return make("ol", { class: "chain", role: "list" }, [...shown, badge(final, "badge--plain badge--good")].map((chip, index) => make("li", {}, index > 0 && icon("chevron-right", "icon--small icon--directed"), chip)));
}

async function setBack(route, title, again) {
  if (!(await confirmed(`Set “${title}” back?`, "The route in the settings stands again, at once.", "Set back"))) return;
  await api.delete(`/api/admin/routes/${route.name}`).then(again, (problem) => toast(problem.message, { symbol: "circle-alert" }));
}

function change(route, models, again) {
  const editors = listsOf(route).map(([name, label]) => ordered(name, label, route[name], models));
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Save"));
  const send = async () => {
    const lists = Object.fromEntries(editors.map(({ name, value }) => [name, value()]));
    await api.put(`/api/admin/routes/${route.name}`, { ...lists, ...from.value() });
    dialog.close();
    toast("The route stands from now on.");
    again();
  };
  const from = route.name === "answer" ? difficulty(route.strong_from) : { value: () => ({}), element: null };
  const dialog = dialogWith(`Edit the route “${ABOUT[route.name]?.[0] ?? route.name}”`, form(send, editors.map((one) => one.element), from.element, make("p", { class: "small faint" }, END[route.name] ?? END.answer), foot));
}

/** From which predicted difficulty the strong models come first. */
function difficulty(begin) {
  const said = make("output", { for: "strong-from" });
  const slider = make("input", { type: "range", class: "slider", id: "strong-from", min: "0", max: "1", step: "0.05", value: String(begin), oninput: tell });
  const hint = "How hard a question is, is predicted from it and from what was found. Further to the left, answers are better and cost more.";

  function tell() {
    const value = Number(slider.value);
    said.textContent = value === 0 ? "always" : value === 1 ? "almost never" : `from ${percent(value)} difficulty`;
    slider.setAttribute("aria-valuetext", said.textContent);
  }

  tell();
  return { value: () => ({ strong_from: Number(slider.value) }), element: field(["Strong models first: ", said], slider, hint) };
}

/** A list whose order can be changed by buttons, and to which names can be added. */
function ordered(name, label, begin, models) {
  let names = [...begin];
  const list = make("ol", { class: "order", "aria-label": label });
  const choice = make("select", { class: "input", id: `add-${name}`, onchange: add });

  function add() {
    if (choice.value) set([...names, choice.value], `${choice.value} added`);
    choice.focus();
  }

  function set(fresh, said) {
    names = fresh;
    draw();
    announce(said);
  }

  function move(index) {
    const fresh = [...names];
    [fresh[index - 1], fresh[index]] = [fresh[index], fresh[index - 1]];
    set(fresh, `${names[index]} is number ${index}`);
    list.children[index - 1].querySelector("button")?.focus();
  }

  function row(one, index) {
    const up = button(`Move ${one} up`, { symbol: "arrow-down", look: "button--quiet button--small order__up", text: false, disabled: index === 0, onclick: () => move(index) });
    const out = button(`Remove ${one}`, { symbol: "x", look: "button--quiet button--small", text: false, onclick: () => (set(names.filter((other) => other !== one), `${one} removed`), choice.focus()) });
    return make("li", {}, make("span", {}, one), up, out);
  }

  function draw() {
    replace(list, names.length ? names.map(row) : make("li", { class: "faint" }, "Nobody yet"));
    const free = models.filter((one) => !names.includes(one));
    replace(choice, make("option", { value: "" }, "Add a model …"), free.map((one) => make("option", { value: one }, one)));
  }

  draw();
  return { name, value: () => names, element: make("div", { class: "stack" }, make("strong", {}, label), list, field(`Add to “${label}”`, choice)) };
}
