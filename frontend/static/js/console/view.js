// What every console page does alike: load, show or say what went wrong; tables; forms that keep what was typed.

import { Api } from "../api.js";
import { failure, make, replace, skeleton } from "../dom.js";
import { announce } from "../say.js";

const root = document.querySelector(".console");

export const api = new Api();
export const { subject, me, role } = root.dataset;
export const mostMegabytes = Number(root.dataset.mostMegabytes);
export const part = (name) => root.querySelector(`[data-part="${name}"]`);
export const view = part("view");

/** Load and draw; a refusal is shown with a way to try again, and a lost session leads to the sign-in. */
export async function show(load, draw, place = view) {
  try {
    const data = await load();
    replace(place, draw(data));
  } catch (problem) {
    if (problem.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    if (problem.status === undefined) throw problem;
    replace(place, failure(problem, () => (replace(place, skeleton()), show(load, draw, place))));
  }
}

export function card(title, body, { actions = [], foot = null } = {}) {
  const head = title && make("header", { class: "card__head" }, make("h2", {}, title), make("div", { class: "row" }, actions));
  return make("section", { class: "card" }, head, body, foot && make("footer", { class: "card__foot" }, foot));
}

/** `columns`: [heading, cell of a row, {number, main, actions}]. On a phone each row becomes a small list. */
export function table(caption, columns, rows) {
  const head = columns.map(([heading, , look = {}]) => make("th", { scope: "col", class: classOf(look) }, heading || make("span", { class: "unseen" }, "Actions")));
  const body = rows.map((row) => make("tr", {}, columns.map(([heading, cell, look = {}]) => make(look.main ? "th" : "td", { class: classOf(look), scope: look.main && "row", "data-label": !look.main && heading }, cell(row) ?? ""))));
  return make("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption }, make("table", { class: "table" }, make("caption", { class: "unseen" }, caption), make("thead", {}, make("tr", {}, head)), make("tbody", {}, body)));
}

function classOf({ number, main, actions }) {
  return [number && "table__number", main && "table__main", actions && "table__actions"].filter(Boolean).join(" ") || null;
}

/** A labelled field. */
export function field(label, input, hint) {
  return make("div", { class: "field" }, make("label", { for: input.id }, label), input, hint && make("p", { class: "field__hint" }, hint));
}

/** Submits once at a time; a refusal stands above the fields, which keep their content. */
export function form(send, ...content) {
  const problem = make("div");
  const element = make("form", { class: "stack", novalidate: true, onsubmit: (event) => (event.preventDefault(), submit()) }, problem, content);
  async function submit() {
    const pressed = element.querySelector("button:not([type=button])");
    pressed.disabled = true;
    try {
      await send(new FormData(element));
      problem.replaceChildren();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      problem.replaceChildren(failure(refusal));
      announce(refusal.message);
    } finally {
      pressed.disabled = false;
    }
  }
  return element;
}

/** A form in a dialog; `done(close)` is what `send` may call to put its own content there instead. */
export function dialogWith(title, content, { wide = false, onclose = () => {} } = {}) {
  const dialog = make("dialog", { class: wide ? "dialog dialog--wide" : "dialog", "aria-labelledby": "dialog-title" });
  const body = make("div", { class: "dialog__body" }, make("h2", { id: "dialog-title" }, title), content);
  dialog.append(body);
  dialog.addEventListener("close", () => (dialog.remove(), onclose()));
  document.body.append(dialog);
  dialog.showModal();
  return { close: () => dialog.close(), fill: (...fresh) => replace(body, make("h2", { id: "dialog-title" }, title), fresh) };
}
