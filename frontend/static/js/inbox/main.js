// Puts the inbox together: list, conversation, keyboard, addresses.

import { Api } from "../api.js";
import { isWriting } from "../dom.js";
import { Stream } from "../stream.js";
import { OpenConversation } from "./conversation.js";
import { showShortcuts } from "./shortcuts.js";
import { List } from "./list.js";

const GATHER_MS = 250;
const api = new Api();
const inbox = document.querySelector(".inbox");
const find = (name) => inbox.querySelector(`[data-part="${name}"]`);
const list = new List({ api, views: find("views"), rows: find("rows"), onopen: (id) => go(id) });
const conversation = new OpenConversation({
  api,
  pane: find("conversation"),
  aside: find("aside"),
  me: { id: inbox.dataset.me, name: inbox.dataset.myName, admin: "admin" in inbox.dataset },
  hosts: inbox.dataset.hosts.split(" ").filter(Boolean),
  onback: () => go(null),
  onread: (id, last) => list.read(id, last),
});

let timer;
new Stream("/api/inbox/events", { onevent: refreshSoon, onstate: showLive }).start();
addEventListener("popstate", () => open(idInAddress()));
addEventListener("keydown", command);
inbox.querySelector('[data-act="keys"]').addEventListener("click", showShortcuts);

list.show(new URLSearchParams(location.search).get("view") ?? "queue");
open(inbox.dataset.open || null);

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => list.refresh(), GATHER_MS);
}

// What changed while there was no connection is looked up as soon as there is one again.
function showLive(state) {
  if (state === "refused") location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  const live = find("live");
  live.hidden = false;
  live.textContent = state === "live" ? "Live" : "Reconnecting";
  live.classList.toggle("badge--good", state === "live");
  if (state === "live") refreshSoon();
}

function idInAddress() {
  return location.pathname.split("/")[2] || null;
}

function go(id) {
  history.pushState({}, "", (id ? `/inbox/${id}` : "/inbox") + location.search);
  open(id);
}

function open(id) {
  inbox.classList.toggle("is-reading", Boolean(id));
  list.mark(id);
  if (id) conversation.open(id);
  else {
    const left = conversation.id;
    conversation.nothing();
    list.elements.get(left)?.focus();
  }
}

let going = false;
function command(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.altKey && !event.ctrlKey && !event.metaKey) return draftCommand(event);
  if (isWriting(event.target) || event.ctrlKey || event.metaKey) return;
  const views = { q: "queue", m: "mine", a: "all", r: "resolved" };
  if (going && views[event.key]) list.show(views[event.key]);
  else if (!going && /^[1-9]$/.test(event.key)) conversation.aside.openSource(event.key);
  else if (!going && COMMANDS[event.key]) COMMANDS[event.key](event);
  else if (event.key !== "g") return void (going = false);
  going = event.key === "g" && !going;
  if (event.key !== "Enter") event.preventDefault();
}

const COMMANDS = {
  j: () => list.move(1),
  k: () => list.move(-1),
  o: () => document.activeElement?.dataset.conversation && go(document.activeElement.dataset.conversation),
  Enter: () => {},
  u: () => go(null),
  Escape: () => go(null),
  r: () => conversation.id && conversation.reply.be("reply", true),
  n: () => conversation.id && conversation.reply.be("note", true),
  c: () => conversation.id && conversation.data && conversation.claim(),
  e: () => conversation.id && conversation.data && conversation.resolve(),
  "?": showShortcuts,
};

function draftCommand(event) {
  const name = { KeyA: "accept", KeyE: "edit", KeyR: "regenerate" }[event.code];
  const pressed = name && document.querySelector(`[data-draft-act="${name}"]`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
}
