// Who may come in, and the one-time links with which they set a password.

import { badge, button, make } from "../dom.js";
import { time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { drawSecret } from "./secret.js";
import { api, card, dialogWith, field, form, me, part, role, show, table } from "./view.js";

const ONCE = "This link works once, for 7 days, and is shown only now. Send it to the person.";
const ROLES = [
  ["agent", "Agent: answers customers"],
  ["admin", "Admin: also knowledge, people and keys"],
  ["owner", "Owner: everything"],
];

part("actions").replaceChildren(button("Add a person", { symbol: "user-plus", look: "button--main", onclick: add }));
const draw = () => show(() => api.get("/api/admin/people"), ({ data }) => card(null, table("People", columns, data)));
const columns = [
  ["Person", (one) => [one.name, make("small", {}, one.email)], { main: true }],
  ["Role", (one) => badge(one.role, one.role === "agent" ? "badge--plain" : "badge--plain badge--good")],
  ["State", (one) => (one.disabled ? badge("disabled", "badge--bad") : badge("active", "badge--good"))],
  ["Since", (one) => one.created_at && time(one.created_at)],
  ["", actions, { actions: true }],
];
draw();

function actions(one) {
  if (one.id === me) return make("span", { class: "small faint" }, "This is you");
  const link = button("New link", { symbol: "link", look: "button--small button--quiet", "aria-label": `New one-time link for ${one.name}`, onclick: () => makeLink(one) });
  const name = one.disabled ? "Enable" : "Disable";
  const gate = button(name, { look: `button--small button--quiet ${one.disabled ? "" : "button--danger"}`, "aria-label": `${name} ${one.name}`, onclick: () => setDisabled(one) });
  return make("div", { class: "row" }, link, gate);
}

function add() {
  const email = make("input", { class: "input", id: "email", name: "email", type: "email", required: true, autocomplete: "off" });
  const name = make("input", { class: "input", id: "name", name: "name", required: true, autocomplete: "off" });
  const choices = ROLES.filter(([value]) => value !== "owner" || role === "owner").map(([value, label]) => make("option", { value }, label));
  const select = make("select", { class: "input", id: "role", name: "role" }, choices);
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Add"));
  const send = async (data) => {
    const added = await api.post("/api/admin/people", Object.fromEntries(data));
    dialog.fill(drawSecret(added.link, ONCE, () => dialog.close()));
    draw();
  };
  const dialog = dialogWith("Add a person", form(send, field("Name", name), field("E-mail address", email), field("Role", select), foot));
  name.focus();
}

async function makeLink(one) {
  try {
    const { link } = await api.post(`/api/admin/people/${one.id}/link`);
    const dialog = dialogWith(`Link for ${one.name}`, drawSecret(link, ONCE, () => dialog.close()));
  } catch (problem) {
    toast(problem.message, { symbol: "circle-alert" });
  }
}

async function setDisabled(one) {
  const sure = one.disabled || (await confirmed(`Disable ${one.name}?`, "Their sessions and keys stop working at once. You can enable them again.", "Disable", { danger: true }));
  if (!sure) return;
  await api.post(`/api/admin/people/${one.id}/${one.disabled ? "enable" : "disable"}`).catch((problem) => toast(problem.message, { symbol: "circle-alert" }));
  draw();
}
