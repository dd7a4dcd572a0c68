// The way in for files: picked or dropped, single, in folders or in a zip.

import { badge, button, icon, make, replace } from "../dom.js";
import { count, several } from "../moments.js";
import { toast } from "../say.js";
import { filesOf, inFolder } from "./dropped.js";
import { upload } from "./upload.js";
import { card, field, mostMegabytes } from "./view.js";

const KINDS = ".md .markdown .html .htm .txt .csv .json .jsonl .rst .adoc .srt .vtt .pdf .docx .pptx .xlsx .epub .eml .zip".split(" ");
const MEGABYTE = 1024 * 1024;
const FILLED_BY_FILES = ["upload", "folder", "export"];
let chosen = [];

export function uploadCard(all) {
  const sources = all.filter((source) => FILLED_BY_FILES.includes(source.kind));
  const picker = make("input", { type: "file", multiple: true, accept: KINDS.join(","), class: "unseen", id: "files", tabindex: "-1", "aria-label": "Files", onchange: () => (add([...picker.files].map((file) => ({ file, path: file.name }))), (picker.value = "")) });
  const folder = make("input", { type: "file", webkitdirectory: true, class: "unseen", id: "folder", tabindex: "-1", "aria-label": "Folder", onchange: () => (add(inFolder(folder.files)), (folder.value = "")) });
  const drop = make(
    "div",
    { class: "drop", ondragover: (event) => (event.preventDefault(), drop.classList.add("is-over")), ondragleave: () => drop.classList.remove("is-over"), ondrop: (event) => (event.preventDefault(), drop.classList.remove("is-over"), filesOf(event.dataTransfer).then(add)) },
    icon("upload"),
    make("p", {}, make("strong", {}, "Drop files or folders here"), " or"),
    make("div", { class: "row" }, button("Choose files", { look: "button--small", onclick: () => picker.click() }), button("Choose a folder", { look: "button--small", onclick: () => folder.click() })),
    make("p", { class: "small" }, `Markdown, HTML, text, CSV, JSON, JSONL, reStructuredText, AsciiDoc, subtitles, PDF, Word, PowerPoint, Excel, EPUB, mail or a zip of these, up to ${mostMegabytes} MB in one upload`),
    picker,
    folder,
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

  function add(found) {
    const fresh = found.map((one) => ({ ...one, refused: refusal(one.file) }));
    chosen = [...chosen.filter((one) => !fresh.some((other) => other.path === one.path)), ...fresh];
    redraw();
  }

  function redraw() {
    options.hidden = chosen.length === 0;
    start.disabled = !chosen.some((one) => !one.refused);
    replace(list, chosen.map(drawFile));
  }

  function drawFile(one) {
    const away = button(`Remove ${one.path}`, { symbol: "x", look: "button--quiet button--small", text: false, onclick: () => ((chosen = chosen.filter((other) => other !== one)), redraw()) });
    one.bar = make("progress", { class: "bar", max: "1", value: "0", hidden: true, "aria-label": `Upload of ${one.path}` });
    return make("li", { class: "upload" }, icon("file-text"), make("span", { class: "clip" }, one.path), one.refused ? badge("not accepted", "badge--bad") : make("span", { class: "faint number" }, sizeOf(one.file)), away, one.bar, one.refused && make("span", { class: "upload__problem" }, one.refused));
  }

  async function begin() {
    const good = chosen.filter((one) => !one.refused);
    start.disabled = true;
    for (const one of good) one.bar.hidden = false;
    try {
      const { run_id: run } = await upload({ files: good, source: source.value.trim() || "uploads", publish: publish.checked, onprogress: (sent) => spread(good, sent) });
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

