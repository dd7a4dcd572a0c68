// Where documents come from, and the way in for new ones.

import { badge, button, empty, icon, make, replace } from "../dom.js";
import { count, several, time } from "../moments.js";
import { toast } from "../say.js";
import { stateOf, summary } from "./runs.js";
import { upload } from "./upload.js";
import { api, card, field, mostMegabytes, show, table } from "./view.js";

const KINDS = ".md .markdown .html .htm .txt .csv .jsonl .rst .adoc .srt .vtt .pdf .docx .pptx .xlsx .epub .eml .zip".split(" ");
const MEGABYTE = 1024 * 1024;
let chosen = [];

const load = async () => {
  const [sources, runs, documents] = await Promise.all([api.get("/api/admin/sources"), api.get("/api/admin/ingest-runs"), api.get("/api/admin/documents?limit=200")]);
  return { sources: sources.data, runs: runs.data, documents: documents.data };
};

show(load, ({ sources, runs, documents }) => [uploadCard(sources), sourcesCard(sources, runs, documents)]);

function sourcesCard(sources, runs, documents) {
  const newest = (source) => runs.find((run) => run.source === source.name);
  const columns = [
    ["Source", (source) => source.name, { main: true }],
    ["Documents", (source) => count(documents.filter((document) => document.source === source.name).length), { number: true }],
    ["Last run", (source) => (newest(source) ? make("a", { href: `/console/runs/${newest(source).id}` }, time(newest(source).created_at)) : "never")],
    ["State", (source) => newest(source) && stateOf(newest(source))],
    ["Result", (source) => newest(source) && summary(newest(source))],
  ];
  return card("Sources", sources.length ? table("Sources", columns, sources) : empty("folder-open", "No sources yet", "Drop your first documents above. They become a source that you can update at any time."));
}

function uploadCard(sources) {
  const picker = make("input", { type: "file", multiple: true, accept: KINDS.join(","), class: "unseen", id: "files", tabindex: "-1", "aria-label": "Files", onchange: () => (add([...picker.files]), (picker.value = "")) });
  const drop = make(
    "div",
    { class: "drop", ondragover: (event) => (event.preventDefault(), drop.classList.add("is-over")), ondragleave: () => drop.classList.remove("is-over"), ondrop: (event) => (event.preventDefault(), drop.classList.remove("is-over"), add([...event.dataTransfer.files])) },
    icon("upload"),
    make("p", {}, make("strong", {}, "Drop files here"), " or"),
    button("Choose files", { look: "button--small", onclick: () => picker.click() }),
    make("p", { class: "small" }, `Markdown, HTML, text, CSV, JSONL, reStructuredText, AsciiDoc, subtitles, PDF, Word, PowerPoint, Excel, EPUB, mail or a zip of these, up to ${mostMegabytes} MB in one upload`),
    picker,
  );
  const names = make("datalist", { id: "source-names" }, sources.map((source) => make("option", { value: source.name })));
  const source = make("input", { class: "input", id: "source", list: "source-names", value: sources[0]?.name === "kb" || sources.length === 0 ? "uploads" : sources[0].name, maxlength: "100", required: true });
  const publish = make("input", { type: "checkbox", id: "publish", checked: true });
  const list = make("ul", { class: "uploads", role: "list" });
  const start = button("Upload and ingest", { symbol: "upload", look: "button--main", onclick: () => begin() });
  const problem = make("div");
  const options = make("div", { class: "stack" }, field("Source", source, "An existing source, or a new name. A file with a known name becomes a new version."), make("label", { class: "choice", for: "publish" }, publish, "Publish when it is done"), list, problem, make("div", { class: "row" }, start));
  const body = make("div", { class: "card__body stack" }, drop, options, names);
  redraw();
  return card("Add documents", body);

  function add(files) {
    chosen = [...chosen.filter((one) => !files.some((file) => file.name === one.file.name)), ...files.map((file) => ({ file, refused: refusal(file) }))];
    redraw();
  }

  function redraw() {
    options.hidden = chosen.length === 0;
    start.disabled = !chosen.some((one) => !one.refused);
    replace(list, chosen.map(drawFile));
  }

  function drawFile(one) {
    const away = button(`Remove ${one.file.name}`, { symbol: "x", look: "button--quiet button--small", text: false, onclick: () => ((chosen = chosen.filter((other) => other !== one)), redraw()) });
    one.bar = make("progress", { class: "bar", max: "1", value: "0", hidden: true, "aria-label": `Upload of ${one.file.name}` });
    return make("li", { class: "upload" }, icon("file-text"), make("span", { class: "clip" }, one.file.name), one.refused ? badge("not accepted", "badge--bad") : make("span", { class: "faint number" }, sizeOf(one.file)), away, one.bar, one.refused && make("span", { class: "upload__problem" }, one.refused));
  }

  async function begin() {
    const good = chosen.filter((one) => !one.refused);
    start.disabled = true;
    for (const one of good) one.bar.hidden = false;
    try {
      const { run_id: run } = await upload({ files: good.map((one) => one.file), source: source.value.trim() || "uploads", publish: publish.checked, onprogress: (sent) => spread(good, sent) });
      toast(`${several(good.length, "file")} taken in.`);
      location.assign(`/console/runs/${run}`);
    } catch (refused) {
      replace(problem, make("div", { class: "banner banner--bad", role: "alert" }, icon("circle-alert"), make("span", {}, refused.message)));
      for (const one of good) one.bar.hidden = true;
      start.disabled = false;
    }
  }
}

// One request carries all files one after the other, so what was sent tells how far each is.
function spread(files, sent) {
  let rest = sent;
  for (const { file, bar } of files) {
    bar.value = file.size ? Math.max(0, Math.min(1, rest / file.size)) : 1;
    rest -= file.size;
  }
}

function refusal(file) {
  const kind = /\.[^.]*$/.exec(file.name.toLowerCase())?.[0] ?? "";
  if (!KINDS.includes(kind)) return `We cannot read this kind of file. We take ${KINDS.join(", ")}.`;
  if (file.size === 0) return "This file is empty.";
  return file.size > mostMegabytes * MEGABYTE ? `This file is larger than ${mostMegabytes} MB.` : null;
}

function sizeOf({ size }) {
  return size < MEGABYTE ? `${count(Math.max(1, Math.round(size / 1024)))} kB` : `${(size / MEGABYTE).toFixed(1)} MB`;
}

