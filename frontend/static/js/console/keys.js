// API keys for other software. The key itself is shown once.

import { badge, button, empty, make } from "../dom.js";
import { time } from "../moments.js";
import { confirmed, toast } from "../say.js";
import { drawSecret } from "./secret.js";
import { api, card, dialogWith, field, form, part, show, table } from "./view.js";

const SCOPES = [
  ["chat", "Ask questions"],
  ["search", "Search the knowledge base"],
  ["inbox", "Act in the inbox"],
  ["admin", "Administer"],
];

part("actions").replaceChildren(button("Create a key", { symbol: "key-round", look: "button--main", onclick: add }));
const draw = () => show(() => api.get("/api/admin/keys"), ({ data }) => card(null, data.length ? table("API keys", columns, data) : empty("key-round", "No keys yet", "Other software uses a key to ask questions or to search.")));
const columns = [
  ["Name", (key) => key.name, { main: true }],
  ["May", (key) => make("span", { class: "row" }, key.scopes.map((scope) => badge(scope, "badge--plain")))],
  ["State", (key) => (key.revoked_at ? badge("revoked", "badge--bad") : badge("active", "badge--good"))],
  ["Last used", (key) => (key.used_at ? time(key.used_at) : "never")],
  ["Expires", (key) => (key.expires_at ? time(key.expires_at) : "never")],
  ["", (key) => !key.revoked_at && button("Revoke", { look: "button--small button--quiet button--danger", "aria-label": `Revoke ${key.name}`, onclick: () => revoke(key) }), { actions: true }],
];
draw();

function add() {
  const name = make("input", { class: "input", id: "name", name: "name", maxlength: "120", required: true, autocomplete: "off" });
  const days = make("input", { class: "input", id: "days", name: "days", type: "number", min: "1", max: "3650", inputmode: "numeric" });
  const scopes = SCOPES.map(([value, label]) => make("label", { class: "choice" }, make("input", { type: "checkbox", name: "scopes", value, checked: value === "chat" }), label));
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, "Create"));
  const send = async (data) => {
    const until = data.get("days") ? { days: Number(data.get("days")) } : {};
    const made = await api.post("/api/admin/keys", { name: data.get("name"), scopes: data.getAll("scopes"), ...until });
    dialog.fill(drawSecret(made.key, "This key is shown only now. Keep it where only your software can read it.", () => dialog.close()));
    draw();
  };
  const dialog = dialogWith("Create a key", form(send, field("Name", name, "What will use it, such as “shop backend”."), make("fieldset", { class: "choices" }, make("legend", {}, "It may"), scopes), field("Days until it expires", days, "Leave empty for a key that does not expire."), foot));
  name.focus();
}

async function revoke(key) {
  if (!(await confirmed(`Revoke “${key.name}”?`, "Software that uses it is refused at once. This cannot be undone.", "Revoke", { danger: true }))) return;
  await api.delete(`/api/admin/keys/${key.id}`).catch((problem) => toast(problem.message, { symbol: "circle-alert" }));
  draw();
}
