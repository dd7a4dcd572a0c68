// One source in a form: where it lies, how often it is read, and what holds for its documents.

import { button, make, replace } from "../dom.js";
import { toast } from "../say.js";
import { api, dialogWith, field, form } from "./view.js";

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const number = (text) => (text.trim() ? Number(text) : null);
const INCLUDE = ["include", "Only paths like", "One pattern a line, as /help/*. Leave empty for all.", { rows: 2, many: true }];
const EXCLUDE = ["exclude", "But no paths like", "One pattern a line, as */archive/*.", { rows: 2, many: true }];
const PAGES = ["pages", "At most so many pages", "", { type: "number", min: "1" }];

/** What each kind is called, and the fields of its place: [name, label, hint, look]. */
export const KINDS = {
  crawl: { label: "Website", symbol: "link", about: "Follows links from a page, inside its folder. robots.txt is heeded.", place: [["url", "Begin at", "", { type: "url", placeholder: "https://help.example.com/articles/", required: true }], INCLUDE, EXCLUDE, ["depth", "Follow links at most so deep", "", { type: "number", min: "0", max: "50" }], PAGES] },
  sitemap: { label: "Sitemap", symbol: "list", about: "Reads the pages that a sitemap lists, and those of the sitemaps in it.", place: [["url", "Address of the sitemap", "", { type: "url", placeholder: "https://help.example.com/sitemap.xml", required: true }], INCLUDE, EXCLUDE, PAGES] },
  url: { label: "Single pages", symbol: "file-text", about: "Reads these pages or documents, and follows no links.", place: [["urls", "Addresses", "One a line.", { rows: 4, many: true, required: true }]] },
  git: { label: "Git repository", symbol: "code", about: "Reads the newest state of a repository that is open to all.", place: [["repository", "Repository", "An https address, or a path on the server.", { placeholder: "https://github.com/example/docs", required: true }], ["branch", "Branch", "Leave empty for the repository’s own.", {}], ["folder", "Folder in it", "Leave empty for all.", { placeholder: "docs" }]] },
  folder: { label: "Folder on the server", symbol: "folder-open", about: "Reads a folder that the server’s settings allow.", place: [["path", "Path", "", { placeholder: "/srv/handbook", required: true }], ["watch", "Read it whenever something in it changes", "", { type: "checkbox" }]] },
  export: { label: "Help-desk export", symbol: "database", about: "Takes files that Zendesk, Intercom, Freshdesk or Help Scout exported. Upload them to this source.", place: [] },
  upload: { label: "Uploads", symbol: "upload", about: "Takes files that are uploaded here.", place: [] },
};
const SCHEDULES = [["manual", "Only when somebody says so"], ["hourly", "Every hour"], ["daily", "Every day"], ["weekly", "Every week"]];
const AUDIENCES = [["public", "Public: help centre and bot"], ["customers", "Customers: the bot"], ["internal", "Internal: agents alone"]];

export function scheduleOf({ schedule }) {
  return Object.fromEntries(SCHEDULES)[schedule]?.toLowerCase() ?? `every ${schedule} minutes`;
}

export function placeOf({ settings }) {
  const [first, ...others] = settings.urls ?? [];
  return settings.url ?? settings.repository ?? settings.path ?? (first && (others.length ? `${first} and ${others.length} more` : first));
}

export function editSource(source, people, done) {
  const kind = chooser("kind", Object.entries(KINDS).map(([value, { label }]) => [value, label]), source?.kind ?? "crawl");
  const place = make("div", { class: "stack" });
  const schedule = chooser("schedule", withOwn(SCHEDULES, source?.schedule), source?.schedule ?? "daily");
  const when = field("Read again", schedule);
  const redraw = () => {
    replace(place, placeFields(kind.value, source?.settings ?? {}));
    when.hidden = KINDS[kind.value].place.length === 0;
  };
  kind.addEventListener("change", redraw);
  redraw();
  const name = make("input", { class: "input", id: "name", name: "name", maxlength: "100", required: true, autocomplete: "off" });
  const head = source ? [] : [field("Kind", kind), field("Name", name, "Runs and documents are known by it. It cannot be changed.")];
  const owners = [["", "Nobody"], ...people.filter((one) => !one.disabled || one.id === source?.owner).map((one) => [one.id, one.name])];
  const rest = [
    when,
    field("For", chooser("audience", AUDIENCES, source?.audience ?? "public"), "Where a document says nothing of its own."),
    field("Language", make("input", { class: "input", id: "locale", name: "locale", value: source?.locale ?? "", maxlength: "20", placeholder: "en", autocomplete: "off" }), "Leave empty to take it from the documents."),
    field("Looked after by", chooser("owner", owners, source?.owner ?? "")),
  ];
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), make("button", { class: "button button--main" }, source ? "Save" : "Add"));
  const send = async (data) => {
    const body = bodyOf(data, kind.value);
    const saved = source ? await api.patch(`/api/admin/sources/${source.id}`, body) : await api.post("/api/admin/sources", { ...body, kind: kind.value, name: data.get("name").trim() });
    dialog.close();
    toast(source ? "The next run applies it." : `${saved.name} is added.`);
    done(saved);
  };
  const dialog = dialogWith(source ? `Edit “${source.name}”` : "Add a source", form(send, head, place, rest, foot));
}

function bodyOf(data, kind) {
  const settings = {};
  for (const [name, , , look] of KINDS[kind].place) {
    const value = look.type === "checkbox" ? data.has(name) : look.type === "number" ? number(data.get(name)) : look.many ? lines(data.get(name)) : data.get(name).trim();
    if (value !== "" && value !== null && !(Array.isArray(value) && value.length === 0)) settings[name] = value;
  }
  const again = KINDS[kind].place.length > 0;
  return { ...(again ? { settings, schedule: data.get("schedule") } : {}), audience: data.get("audience"), locale: data.get("locale").trim(), owner: data.get("owner") || null };
}

function placeFields(kind, settings) {
  const fields = KINDS[kind].place.map((one) => [one, placeField(one, settings)]);
  const [needed, narrowing] = [true, false].map((first) => fields.filter(([[, , , look]]) => Boolean(look.required) === first).map(([, drawn]) => drawn));
  const more = narrowing.length > 0 && make("details", { class: "narrowing", open: KINDS[kind].place.some(([name, , , look]) => !look.required && settings[name] !== undefined) }, make("summary", {}, "Narrow it down"), make("div", { class: "stack" }, narrowing));
  return [make("p", { class: "small faint" }, KINDS[kind].about), needed, more];
}

function placeField([name, label, hint, { many, ...look }], settings) {
  const value = settings[name];
  if (look.type === "checkbox") return make("label", { class: "choice" }, make("input", { type: "checkbox", name, checked: value === true }), label);
  if (!many) return field(label, make("input", { class: "input", id: name, name, value: value ?? "", autocomplete: "off", ...look }), hint);
  return field(label, make("textarea", { class: "input", id: name, name, ...look }, (value ?? []).join("\n")), hint);
}

function withOwn(schedules, own) {
  return !own || schedules.some(([value]) => value === own) ? schedules : [...schedules, [own, `Every ${own} minutes`]];
}

function chooser(name, choices, chosen) {
  return make("select", { class: "input", id: name, name }, choices.map(([value, label]) => make("option", { value, selected: value === chosen }, label)));
}
