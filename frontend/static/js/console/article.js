// One article in its editor. Every pause in typing is saved; what could not be saved waits in this browser.

import { badge, button, icon, make, replace } from "../dom.js";
import { forget, recall, remember } from "../keep.js";
import { confirmed, toast } from "../say.js";
import { follow } from "./following.js";
import { drawHistory } from "./revisions.js";
import { settleConflict } from "./settling.js";
import { STATES } from "./states.js";
import { toolbarFor } from "./toolbar.js";
import { api, card, dialogWith, field, part, show, subject } from "./view.js";

const SAVE_MS = 800;
const SHOW_MS = 350;
const AGAIN_MS = 3000;
const NAMES = ["title", "slug", "category", "locale", "audience", "owner", "review_on", "text"];
const address = `/api/admin/articles/${subject}`;
const kept = `article:${subject}`;

let article;
let saving = Promise.resolve();
const timers = {};
const saved = make("span", { class: "writing__state small faint", role: "status" });
const status = make("div");
const preview = make("div", { class: "prose article-preview" });
const fields = {
  title: make("input", { class: "input writing__title", id: "title", maxlength: "200", required: true }),
  slug: make("input", { class: "input", id: "slug", maxlength: "100" }),
  category: make("input", { class: "input", id: "category", maxlength: "100" }),
  locale: make("input", { class: "input", id: "locale", maxlength: "20" }),
  audience: make("select", { class: "input", id: "audience" }, [["public", "Everybody"], ["customers", "Customers"], ["internal", "Only people who work here"]].map(([value, label]) => make("option", { value }, label))),
  owner: make("input", { class: "input", id: "owner", maxlength: "200" }),
  review_on: make("input", { class: "input", id: "review", type: "date" }),
  text: make("textarea", { class: "input writing__text", id: "text", maxlength: "100000", spellcheck: "true", "aria-label": "Text in Markdown" }),
};

show(() => api.get(address), open);

function open(fresh) {
  article = fresh;
  const mine = recall(kept);
  fill(fresh);
  queueMicrotask(() => {
    drawHead();
    if (mine) takeUp(mine);
    render();
    if (fields.title.value === "Untitled article") fields.title.select();
  });
  for (const input of Object.values(fields)) input.addEventListener("input", typed);
  return [status, editor()];
}

function editor() {
  const writing = make("section", { class: "card writing__pane", "aria-label": "Editor" }, toolbarFor(fields.text), fields.text);
  const reading = make("section", { class: "card writing__pane", "aria-label": "Preview" }, make("header", { class: "writing__head small faint" }, icon("book-open"), "As the help centre shows it"), preview);
  const about = make("div", { class: "card__body writing__about" }, field("Category", fields.category), field("Address", fields.slug, "/help/…"), field("Audience", fields.audience), field("Language", fields.locale, "Such as en or pt-BR"), field("Owner", fields.owner, "Who keeps it right"), field("Review on", fields.review_on));
  return make("div", { class: "writing" }, make("div", { class: "writing__name" }, field("Title", fields.title), saved), make("div", { class: "writing__panes" }, writing, reading), card("About this article", about));
}

function fill(said) {
  for (const name of NAMES) fields[name].value = said[name] ?? "";
  fields.slug.value ||= article.slug;
}

function written() {
  const said = Object.fromEntries(NAMES.map((name) => [name, fields[name].value]));
  if (slugFollows()) said.slug = "";
  return { ...said, title: said.title.trim() || "Untitled article", category: said.category.trim() || "General", locale: said.locale.trim() || "en", review_on: said.review_on || null };
}

/** The address of a draft is made from its title for as long as nobody chose one. */
function slugFollows() {
  const plain = article.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return article.state === "draft" && fields.slug.value === article.slug && article.slug.replace(/-\d+$/, "") === plain.replace(/-\d+$/, "");
}

const differs = (said, other) => NAMES.some((name) => (said[name] ?? "") !== (other[name] ?? "") && !(name === "slug" && said.slug === ""));

function typed() {
  remember(kept, { said: written(), revision: article.revision });
  replace(saved, make("span", {}, "Not saved yet"));
  after("save", SAVE_MS, save);
  after("show", SHOW_MS, render);
}

function after(name, pause, work) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(work, pause);
}

/** What this browser kept when it was closed, or the server away, before all was saved. */
function takeUp({ said, revision }) {
  if (!differs(said, article)) return forget(kept);
  if (revision !== article.revision) return conflict(said);
  fill(said);
  toast("Your last words were not saved yet. Here they are again.");
  save();
}

function save() {
  saving = saving.then(saveNow);
  return saving;
}

async function saveNow() {
  const said = written();
  if (!differs(said, article)) return settled();
  replace(saved, make("span", {}, "Saving…"));
  try {
    const response = await api.fetch("PUT", address, said, { "if-match": `"${article.revision}"` });
    article = await response.json();
    settled();
    drawHead();
  } catch (problem) {
    if (problem.status === 412) return conflict(said);
    if (problem.status === undefined) throw problem;
    replace(saved, make("span", { class: "writing__unsaved" }, problem.status === 0 ? "Not saved: no connection. Kept in this browser; trying again." : problem.message));
    if (problem.status === 0 || problem.status >= 500) after("save", AGAIN_MS, save);
  }
}

function settled() {
  if (!differs(written(), article)) forget(kept);
  if (document.activeElement !== fields.slug) fields.slug.value = article.slug;
  replace(saved, icon("check"), make("span", {}, "Saved"));
}

async function conflict(mine) {
  clearTimeout(timers.save);
  const theirs = await api.get(address);
  const choice = await settleConflict(mine, theirs);
  article = theirs;
  fill(choice === "mine" ? mine : theirs);
  render();
  // Not waited for: this runs inside of a save, behind which the next one queues.
  if (choice === "mine") return after("save", 0, save);
  forget(kept);
  settled();
}

async function render() {
  const { html } = await api.post("/api/admin/articles/preview", { title: fields.title.value, text: fields.text.value }).catch(() => ({}));
  if (html === undefined) return;
  // The server made it with the help centre's own renderer, which lets no script and no style through.
  const page = new DOMParser().parseFromString(html, "text/html");
  replace(preview, [...page.body.childNodes].length ? [...page.body.childNodes] : make("p", { class: "faint" }, "Nothing is written yet."));
}

function drawHead() {
  part("title").textContent = article.title;
  document.title = document.title.replace(/^[^·]*/, `${article.title} `);
  replace(part("lead"), make("span", { class: "row" }, badge(...STATES[article.state]), article.state !== "draft" && make("a", { href: `/help/${article.slug}` }, "See it in the help centre")));
  replace(part("actions"), button("History", { symbol: "history", onclick: openHistory }), article.state === "draft" ? button("Delete", { symbol: "x", look: "button--danger", onclick: remove }) : button("Take back", { symbol: "rotate-ccw", onclick: takeBack }), button(article.state === "published" ? "Published" : "Publish", { symbol: "upload", look: "button--main", disabled: article.state === "published", onclick: publish }));
}

async function publish() {
  clearTimeout(timers.save);
  await save();
  await act(() => api.fetch("POST", `${address}/publish`, {}, { "if-match": `"${article.revision}"` }), "It answers now.");
}

async function takeBack() {
  if (!(await confirmed("Take this article back?", "It leaves the help centre and what the bot knows. The text stays here.", "Take it back"))) return;
  await act(() => api.fetch("POST", `${address}/unpublish`, {}), "It answers no longer.");
}

async function act(send, done) {
  try {
    article = await (await send()).json();
    drawHead();
    await follow(api, article.run_id, status, done);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    replace(status, make("div", { class: "banner banner--bad", role: "alert" }, icon("circle-alert"), make("span", {}, problem.message)));
  }
}

async function openHistory() {
  await save();
  const body = make("div", { class: "stack" });
  const dialog = dialogWith("History", body, { wide: true });
  drawHistory(body, address, written, (said) => {
    fill(said);
    typed();
    render();
    dialog.close();
    toast("That state is in the editor again.");
  });
}

async function remove() {
  if (!(await confirmed("Delete this article?", "The draft and its history are thrown away.", "Delete", { danger: true }))) return;
  clearTimeout(timers.save);
  await api.delete(address);
  forget(kept);
  location.assign("/console/articles");
}
