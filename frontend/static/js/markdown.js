// The small part of Markdown that answers use, as DOM nodes. Links lead only to hosts that the page allows.

import { make } from "./dom.js";

const INLINE = /(`[^`\n]+`)|\*\*(?=\S)([^\n]+?)\*\*|(?<![*\w])\*(?=\S)([^*\n]+?)\*(?![*\w])|(?<!\w)_(?=\S)([^_\n]+?)_(?!\w)|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()"]+[^\s<>()".,;:!?])|\[(\d{1,2})\]/g;
const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const HEADING = /^(#{1,6})\s+(.*)$/;

/** `sources` maps a citation's number to the citation; a marker without one is left out. */
export function renderMarkdown(text, { sources = new Map(), hosts = [] } = {}) {
  const page = document.createDocumentFragment();
  page.append(...blocksOf(text).map((block) => drawBlock(block, { sources, hosts })));
  return page;
}

/**
 * Draw a longer text over a shorter one: what is already there stays untouched, so that nothing flickers,
 * a selection survives, and only what is new fades in.
 */
export function grow(element, text, context) {
  merge(element, renderMarkdown(text, context));
}

function merge(old, fresh) {
  const wanted = [...fresh.childNodes];
  wanted.forEach((node, index) => {
    const present = old.childNodes[index];
    if (!present) old.append(node);
    else if (present.isEqualNode(node)) return;
    else if (present.nodeName === node.nodeName && present.nodeType === Node.ELEMENT_NODE && node.className !== "sentence") merge(present, node);
    else present.replaceWith(node);
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

/** The joining of checked sentences: prose flows on, list items and tables keep their lines. The server joins the same way. */
export function joinSentences(texts) {
  return texts.reduce((whole, text) => {
    if (!whole) return text;
    const before = isBlock(whole.slice(whole.lastIndexOf("\n") + 1));
    if (!before && !isBlock(text)) return `${whole} ${text}`;
    return whole + (before && isBlock(text) ? "\n" : "\n\n") + text;
  }, "");
}

function isBlock(text) {
  return /^\s*([-*] |\||```|#|\d+\.)/.test(text);
}

function blocksOf(text) {
  const blocks = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  while (lines.length > 0) {
    if (!lines[0].trim()) lines.shift();
    else blocks.push(nextBlock(lines));
  }
  return blocks;
}

function nextBlock(lines) {
  if (lines[0].trimStart().startsWith("```")) return takeCode(lines);
  if (HEADING.test(lines[0])) return { kind: "heading", text: HEADING.exec(lines.shift())[2] };
  if (ITEM.test(lines[0])) return takeList(lines);
  if (lines[0].trimStart().startsWith("|") && /^\s*\|?[\s:|-]+$/.test(lines[1] ?? "")) return takeTable(lines);
  if (lines[0].startsWith(">")) return { kind: "quote", text: takeWhile(lines, (line) => line.startsWith(">")).map((line) => line.replace(/^>\s?/, "")).join("\n") };
  return { kind: "paragraph", text: takeParagraph(lines) };
}

function takeWhile(lines, holds) {
  const taken = [];
  while (lines.length > 0 && holds(lines[0])) taken.push(lines.shift());
  return taken;
}

function takeCode(lines) {
  lines.shift();
  const text = takeWhile(lines, (line) => !line.trimStart().startsWith("```")).join("\n");
  lines.shift();
  return { kind: "code", text };
}

function takeParagraph(lines) {
  const first = lines.shift();
  const more = takeWhile(lines, (line) => line.trim() && !ITEM.test(line) && !HEADING.test(line) && !line.trimStart().startsWith("```"));
  return [first, ...more].join(" ");
}

function takeList(lines) {
  const [, indent, number] = ITEM.exec(lines[0]);
  const list = { kind: "list", ordered: number !== undefined, start: Number(number ?? 1), items: [] };
  while (lines.length > 0) {
    const found = ITEM.exec(lines[0]);
    if (found && found[1].length <= indent.length && (found[2] !== undefined) === list.ordered) {
      list.items.push({ text: found[3], inner: null });
      lines.shift();
    } else if (found && found[1].length > indent.length) list.items.at(-1).inner = takeList(lines);
    else if (!found && lines[0].startsWith("  ") && lines[0].trim()) list.items.at(-1).text += ` ${lines.shift().trim()}`;
    else if (!lines[0].trim() && ITEM.test(lines[1] ?? "") && (ITEM.exec(lines[1])[2] !== undefined) === list.ordered) lines.shift();
    else break;
  }
  return list;
}

function takeTable(lines) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const head = cells(lines.shift());
  lines.shift();
  return { kind: "table", head, rows: takeWhile(lines, (line) => line.trimStart().startsWith("|")).map(cells) };
}

function drawBlock(block, context) {
  const line = (text) => drawInline(text, context);
  switch (block.kind) {
    case "heading":
      return make("h3", {}, line(block.text));
    case "code":
      return make("pre", { tabindex: "0" }, make("code", {}, block.text));
    case "quote":
      return make("blockquote", {}, line(block.text));
    case "table":
      return drawTable(block, line);
    case "list":
      return drawList(block, context);
    default:
      return make("p", {}, line(block.text));
  }
}

function drawList(list, context) {
  const items = list.items.map((item) => make("li", {}, drawInline(item.text, context), item.inner && drawList(item.inner, context)));
  return make(list.ordered ? "ol" : "ul", { start: list.ordered && list.start > 1 && String(list.start) }, items);
}

function drawTable({ head, rows }, line) {
  const cells = (name, row) => make("tr", {}, row.map((cell) => make(name, {}, line(cell))));
  return make("table", {}, make("thead", {}, cells("th", head)), make("tbody", {}, rows.map((row) => cells("td", row))));
}

// A sentence is what stands before its markers; the two share a span, so that pointing at one shows the other.
function drawInline(text, context) {
  const nodes = [];
  let sentence = [];
  let at = 0;
  let marked = false;
  const close = () => {
    const [, space, first] = typeof sentence[0] === "string" ? /^(\s*)(.*)$/s.exec(sentence[0]) : [null, "", sentence[0]];
    if (marked) nodes.push(space && nodes.length > 0 ? " " : "", make("span", { class: "sentence" }, first, sentence.slice(1)));
    else nodes.push(sentence);
    sentence = [];
    marked = false;
  };
  for (const found of text.matchAll(INLINE)) {
    const plain = text.slice(at, found.index);
    const source = found[8] && context.sources.get(Number(found[8]));
    if (plain && !(found[8] && !plain.trim())) {
      if (marked) close();
      sentence.push(found[8] ? plain.trimEnd() : plain);
    } else if (marked && !found[8]) close();
    if (found[8]) {
      if (source) sentence.push(citeButton(source));
      marked = marked || Boolean(source);
    } else sentence.push(drawSpan(found, context));
    at = found.index + found[0].length;
  }
  const tail = text.slice(at);
  if (marked && tail.trim()) {
    // A full stop after the marker belongs to the sentence before it.
    const [, stop, rest] = /^([.!?]?)(.*)$/s.exec(tail);
    if (stop) sentence.push(stop);
    close();
    if (rest) sentence.push(rest);
  } else if (tail.trim()) sentence.push(tail);
  close();
  return nodes.flat().filter((node) => node !== "");
}

function drawSpan(found, context) {
  const [, code, bold, starred, underlined, label, target, bare] = found;
  if (code) return make("code", {}, code.slice(1, -1));
  if (bold) return make("strong", {}, drawInline(bold, { ...context, sources: new Map() }));
  if (starred || underlined) return make("em", {}, starred || underlined);
  return drawLink(label ?? bare, target ?? bare, context);
}

function drawLink(label, target, { hosts }) {
  const address = allowed(target, hosts);
  return address ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, label) : label;
}

/** The address if it may be followed, else null. */
export function allowed(target, hosts = []) {
  if (!URL.canParse(target, location.origin)) return null;
  const url = new URL(target, location.origin);
  const known = url.origin === location.origin || hosts.includes(url.host) || hosts.includes(url.hostname);
  return /^https?:$/.test(url.protocol) && known && !url.username ? url.href : null;
}

export function citeButton(source) {
  const name = `Source ${source.number}: ${source.title}`;
  return make("button", { type: "button", class: "cite", "data-number": String(source.number), "aria-label": name }, String(source.number));
}
