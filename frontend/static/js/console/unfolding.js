// Parts that open: rows that load when they are opened, tabs, and choices of which only one is pressed.

import { badge, failure, icon, make, replace, skeleton } from "../dom.js";

/** A row that shows its body when it is opened for the first time; `load` gives its content. */
export function unfolding(name, detail, facts, load) {
  const body = make("div", { class: "turned__body" });
  const row = make("details", { class: "turned" }, make("summary", {}, icon("chevron-right", "icon--directed"), make("span", { class: "turned__name", dir: "auto" }, name, detail && make("small", {}, detail)), make("span", { class: "turned__facts" }, facts)), body);
  const fill = async () => {
    replace(body, skeleton(3));
    try {
      replace(body, await load());
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      replace(body, failure(problem, fill));
    }
  };
  row.addEventListener("toggle", () => row.open && !body.hasChildNodes() && fill());
  return row;
}

/** `tabs`: [label, number, draw]. Arrow keys move; each panel is drawn when it is first seen. */
export function tabs(label, all) {
  const panels = all.map((_, at) => make("div", { role: "tabpanel", id: `panel-${at}`, "aria-labelledby": `tab-${at}`, tabindex: "0", hidden: true }));
  const buttons = all.map(([name, number], at) => make("button", { class: "tab", type: "button", role: "tab", id: `tab-${at}`, "aria-controls": `panel-${at}`, onclick: () => choose(at), onkeydown: (event) => move(event, at) }, name, number !== null && make("span", { class: "count" }, number)));
  const choose = (chosen) => {
    for (const [at, tab] of buttons.entries()) {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    }
    if (!panels[chosen].hasChildNodes()) replace(panels[chosen], all[chosen][2]());
  };
  const move = (event, at) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (at + step * (getComputedStyle(event.target).direction === "rtl" ? -1 : 1) + all.length) % all.length;
    choose(next);
    buttons[next].focus();
  };
  choose(0);
  return make("div", {}, make("div", { class: "tabs", role: "tablist", "aria-label": label }, buttons), panels);
}

/** Buttons of which one is pressed: `choices` are [value, label, number]. */
export function picks(label, choices, chosen, pick) {
  const all = choices.map(([value, name, number]) => make("button", { class: "pick", type: "button", "aria-pressed": String(value === chosen), onclick: () => (press(value), pick(value)) }, name, number !== undefined && badge(String(number), "badge--plain")));
  const press = (value) => all.forEach((one, at) => one.setAttribute("aria-pressed", String(choices[at][0] === value)));
  return make("div", { class: "row", role: "group", "aria-label": label }, all);
}

/** Rows that come page by page: `load(after)` gives {data, next}. */
export function paged(load, drawOne, none, more) {
  const list = make("div");
  const foot = make("div", { class: "card__foot", hidden: true });
  const add = async (after) => {
    const waiting = skeleton(3);
    list.append(waiting);
    try {
      const { data, next } = await load(after);
      list.append(...data.map(drawOne));
      if (!list.querySelector(":scope > :not(.skeleton)")) list.append(none());
      foot.hidden = next === null;
      foot.replaceChildren(make("button", { class: "button", type: "button", onclick: () => add(next) }, more));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      foot.hidden = false;
      foot.replaceChildren(failure(problem, () => add(after)));
    } finally {
      waiting.remove();
    }
  };
  add("");
  return [list, foot];
}
