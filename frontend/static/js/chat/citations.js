// Evidence: the list of sources under an answer, and the card that shows a passage while one points at its number.

import { icon, make } from "../dom.js";

const LEAVE_MS = 180;

/** Citations by number. Several spans of one source stay together: the first is linked, `quotes` holds them all. */
export function bySource(citations) {
  const sources = new Map();
  for (const citation of citations ?? []) {
    const source = sources.get(citation.number) ?? { ...citation, quotes: [] };
    if (!source.quotes.includes(citation.quote)) source.quotes.push(citation.quote);
    sources.set(citation.number, source);
  }
  return new Map([...sources].sort(([one], [other]) => one - other));
}

/** Our own page of the cited version, at the cited span: it shows what the answer was checked against. */
export function linkOf(citation) {
  const spot = new URLSearchParams({ v: citation.version, start: citation.start, end: citation.end });
  return `${articlePath(citation)}?${spot}#cited`;
}

function articlePath({ url, document_id: id }) {
  const own = url && URL.canParse(url, location.origin) ? new URL(url, location.origin).pathname : "";
  return own.startsWith("/help/") ? own : `/help/${encodeURIComponent(id)}`;
}

/** "Title › Section" without the title that the reader already sees. */
export function sectionOf({ title, heading }) {
  return (heading ?? "")
    .split(" › ")
    .filter((step) => step && step !== title)
    .join(" › ");
}

export function drawSources(citations) {
  const sources = [...bySource(citations).values()];
  if (sources.length === 0) return null;
  const title = make("h3", { class: "sources__title" }, sources.length === 1 ? "Source" : `${sources.length} sources`);
  const items = sources.map((source) => make("li", {}, drawSource(source)));
  return make("div", { class: "sources" }, title, make("ol", { class: "sources__list", role: "list" }, items));
}

function drawSource(source) {
  const section = sectionOf(source);
  return make(
    "a",
    { class: "source", href: linkOf(source), target: "_blank", rel: "noopener", "data-number": String(source.number) },
    make("span", { class: "source__number" }, String(source.number)),
    make("span", { class: "source__title" }, source.title, make("span", { class: "unseen" }, " (opens in a new tab)")),
    section && make("span", { class: "source__heading" }, section),
    make("span", { class: "source__quote" }, make("span", {}, joined(source.quotes))),
  );
}

function joined(quotes) {
  return quotes.map(plain).join(" … ");
}

/** A quote keeps the document's Markdown; to be read at a glance it loses its signs. */
export function plain(text) {
  return (text ?? "")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/\*\*|`|(?<!\w)__|__(?!\w)/g, "")
    .replace(/^\s*(#{1,6}|[-*+]|>|\d+[.)])\s+/gm, "")
    .replace(/^\s*\|?[\s:|-]+\|\s*$/gm, "")
    .replace(/\s*\|\s*/g, "  ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Shows a source while a number in `root` is hovered, focused or pressed. `find(button)` gives its citation. */
export class Preview {
  constructor(root, find) {
    this.root = root;
    this.find = find;
    this.card = make("div", { class: "preview", popover: "manual", id: `preview-${(Preview.made = (Preview.made ?? 0) + 1)}` });
    document.body.append(this.card);
    root.addEventListener("mouseover", (event) => this.over(event));
    root.addEventListener("mouseout", (event) => this.out(event));
    root.addEventListener("focusin", (event) => this.focused(event));
    root.addEventListener("focusout", (event) => !this.card.contains(event.relatedTarget) && event.target.closest(".cite") && this.later());
    root.addEventListener("click", (event) => this.pressed(event));
    this.card.addEventListener("mouseenter", () => clearTimeout(this.timer));
    this.card.addEventListener("mouseleave", () => this.later());
    this.card.addEventListener("focusout", (event) => !this.card.contains(event.relatedTarget) && this.later());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.opener && this.dismiss(event));
    document.addEventListener("pointerdown", (event) => this.opener && !this.card.contains(event.target) && !event.target.closest?.(".cite") && this.hide());
    addEventListener("scroll", () => this.opener && this.place(), { capture: true, passive: true });
  }

  over({ target }) {
    const source = target.closest(".source");
    if (source) this.point(source, true);
    const cite = target.closest(".cite");
    if (cite && matchMedia("(hover: hover)").matches) this.show(cite);
    if (cite) this.pointSource(cite, true);
  }

  out({ target }) {
    const source = target.closest(".source");
    if (source) this.point(source, false);
    const cite = target.closest(".cite");
    if (cite) this.pointSource(cite, false);
    if (cite && matchMedia("(hover: hover)").matches) this.later();
  }

  focused({ target }) {
    const again = target === this.dismissed;
    this.dismissed = null;
    if (!again && target.matches(".cite:focus-visible")) this.show(target);
  }

  pressed({ target }) {
    const cite = target.closest(".cite");
    if (cite) this.show(cite);
  }

  dismiss(event) {
    event.stopPropagation();
    const opener = this.opener;
    const inside = this.card.contains(document.activeElement);
    this.hide();
    this.dismissed = opener;
    if (inside) opener.focus();
  }

  point(source, on) {
    const message = source.closest(".message, [data-evidence]");
    for (const cite of message?.querySelectorAll(`.cite[data-number="${source.dataset.number}"]`) ?? []) cite.closest(".sentence")?.classList.toggle("is-pointed", on);
  }

  pointSource(cite, on) {
    const message = cite.closest(".message, [data-evidence]");
    message?.querySelector(`.source[data-number="${cite.dataset.number}"]`)?.classList.toggle("is-pointed", on);
  }

  show(cite) {
    clearTimeout(this.timer);
    if (this.opener === cite) return;
    const citation = this.find(cite);
    if (!citation) return;
    this.hide();
    this.opener = cite;
    cite.setAttribute("aria-expanded", "true");
    cite.setAttribute("aria-describedby", this.card.id);
    this.card.replaceChildren(...drawPreview(citation));
    // Beside its number in the order of the page, so that Tab goes from the number into the card.
    cite.after(this.card);
    this.card.showPopover();
    this.place();
  }

  place() {
    const at = this.opener.getBoundingClientRect();
    const card = this.card.getBoundingClientRect();
    const above = at.bottom + card.height + 12 > innerHeight && at.top > card.height + 12;
    this.card.style.left = `${Math.max(12, Math.min(at.left + at.width / 2 - card.width / 2, innerWidth - card.width - 12))}px`;
    this.card.style.top = `${above ? at.top - card.height - 8 : at.bottom + 8}px`;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => !this.card.contains(document.activeElement) && this.hide(), LEAVE_MS);
  }

  hide() {
    clearTimeout(this.timer);
    this.opener?.removeAttribute("aria-expanded");
    this.opener?.removeAttribute("aria-describedby");
    this.opener = null;
    if (this.card.matches(":popover-open")) this.card.hidePopover();
    document.body.append(this.card);
  }
}

function drawPreview(citation) {
  const section = sectionOf(citation);
  const link = make("a", { class: "preview__link", href: linkOf(citation), target: "_blank", rel: "noopener" }, "Read it in the article ", icon("arrow-up-right", "icon--small icon--directed"));
  return [
    make("span", { class: "preview__title" }, citation.title),
    section && make("span", { class: "preview__heading" }, section),
    make("span", { class: "preview__quote" }, make("span", {}, joined(citation.quotes))),
    link,
  ].filter(Boolean);
}
