// Puts the chat together, on its own page and inside the widget's frame.

import { icon, make } from "../dom.js";
import { lasts } from "../keep.js";
import { confirmed, openMenuWith, trouble } from "../say.js";
import { Announcer } from "./announcer.js";
import { Preview } from "./citations.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Frame } from "./frame.js";
import { citationOf } from "./message.js";
import { Thread } from "./thread.js";

const OFFLINE_AFTER_MS = 1500;

const chat = document.querySelector(".chat");
const find = (name) => chat.querySelector(`[data-part="${name}"]`);
const { locale, hosts } = chat.dataset;
const frame = Frame.find();
const conversation = new Conversation({ locale, pageUrl: frame?.pageUrl ?? location.href });
const announcer = new Announcer(document.getElementById("announcer"), document.getElementById("alarm"));
const thread = new Thread({
  list: find("thread"),
  scroller: find("scroller"),
  newer: find("newer"),
  conversation,
  announcer,
  hosts: hosts.split(" ").filter(Boolean),
});
const composer = new Composer({ form: find("composer"), conversation, announcer });
new Preview(find("thread"), citationOf);

for (const starter of chat.querySelectorAll(".starter")) starter.addEventListener("click", () => (conversation.say(starter.dataset.question), composer.area.focus()));

openMenuWith(find("menu-button"), find("menu"));
const actions = {
  person: () => thread.askForPerson(),
  solved: () => conversation.resolve().catch(trouble),
  transcript: download,
  new: startNew,
};
for (const [name, act] of Object.entries(actions)) for (const item of chat.querySelectorAll(`[data-act="${name}"]`)) item.addEventListener("click", act);

conversation.addEventListener("changed", showPresence);
conversation.addEventListener("connection", ({ detail }) => showConnection(detail.state === "live"));
addEventListener("offline", () => showConnection(false));
addEventListener("online", () => showConnection(true));
frame?.connect({ conversation, composer, thread });
if (!lasts) showBanner("info", "Your browser blocks storage. This conversation ends when you close the page.");
conversation.resume();
showPresence();
if (!frame && matchMedia("(hover: hover)").matches) composer.area.focus();

function showPresence() {
  const { owner, status, agent, id } = conversation;
  const words = { person: `${agent?.name ?? "A person"} is with you`, queue: "Waiting for a person", none: "Solved" };
  find("presence").textContent = words[owner] ?? chat.dataset.presence;
  composer.area.placeholder = owner === "person" ? `Write to ${agent?.name ?? "our team"}…` : "Ask a question…";
  for (const item of chat.querySelectorAll('[data-act="person"]')) item.disabled = owner === "queue" || owner === "person";
  for (const item of chat.querySelectorAll("[data-act=solved], [data-act=transcript], [data-act=new]")) item.disabled = !id || (item.dataset.act === "solved" && status === "resolved");
}

// The first sign of trouble counts: each further try must not put off the moment in which it is told.
let offlineTimer = null;
function showConnection(live) {
  if (live) {
    clearTimeout(offlineTimer);
    offlineTimer = null;
    showBanner();
  } else offlineTimer ??= setTimeout(() => showBanner("wifi-off", "No connection. Your text is safe here; we keep trying."), OFFLINE_AFTER_MS);
}

function showBanner(symbol, text) {
  const shown = text ? [make("div", { class: "banner banner--warning" }, icon(symbol), make("span", {}, text))] : [];
  find("banner").replaceChildren(...shown);
}

async function startNew() {
  const sure = await confirmed("Start a new conversation?", "This one stays with our team, but you will no longer see it here.", "Start new");
  if (!sure) return;
  conversation.startNew();
  composer.area.focus();
}

async function download() {
  try {
    const address = URL.createObjectURL(await conversation.transcript());
    make("a", { href: address, download: "conversation.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch (problem) {
    trouble(problem);
  }
}
