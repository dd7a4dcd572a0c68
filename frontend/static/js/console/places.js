// Stretches of documents beside each other, with what differs marked, and the way to each.

import { plain } from "../chat/citations.js";
import { badge, make } from "../dom.js";
import { count } from "../moments.js";
import { differences } from "../inbox/diff.js";

const COMPARED = ["contradiction", "duplicate"];

/** The places of a task: those that are compared in pairs, any other one below the other. */
export function drawPlaces({ kind, detail: { places = [] } }) {
  if (!COMPARED.includes(kind)) return places.map((place) => drawPlace(place, short(kind.endsWith("link") ? place.text : plain(place.text))));
  return paired(kind, places).map(([one, other]) => {
    const [mine, theirs] = marked(one.text, other.text);
    return make("div", { class: "places" }, drawPlace(one, mine), drawPlace(other, theirs));
  });
}

export function drawCited(rows) {
  const drawRow = (row) => make("li", { class: "cited-row" }, make("span", { class: "cited-row__times" }, `${count(row.times)}×`), make("span", {}, make("a", { href: linkTo(row) }, row.title), row.heading && make("small", { class: "faint" }, ` ${row.heading}`), make("span", { class: "cited-row__quote" }, short(row.quote ?? ""))));
  return make("ol", { role: "list" }, rows.map(drawRow));
}

/** The article with exactly this stretch marked. */
export function linkTo({ document_id: id, version, start, end }) {
  return `/help/${encodeURIComponent(id)}?v=${version}&start=${start}&end=${end}#cited`;
}

function paired(kind, places) {
  if (kind === "contradiction") return places.flatMap((place, at) => (at % 2 === 0 && places[at + 1] ? [[place, places[at + 1]]] : []));
  const other = places.find((place) => place.document_id !== places[0]?.document_id);
  return other ? [[places[0], other]] : [];
}

function drawPlace(place, content) {
  const title = place.audience === "public" ? make("a", { href: linkTo(place) }, place.title) : make("span", {}, place.title, " ", badge(place.audience, "badge--note"));
  return make("figure", { class: "place" }, make("figcaption", { class: "place__where" }, title, place.heading && make("span", { class: "faint" }, place.heading)), make("blockquote", { class: "place__text" }, content));
}

function marked(before, after) {
  const pieces = differences(before, after);
  const side = (kind) => pieces.filter(([what]) => what === "same" || what === kind).flatMap(([what, text]) => (what === "same" ? [text] : [make("mark", {}, text.trimEnd()), text.slice(text.trimEnd().length)]));
  return [side("del"), side("ins")];
}

function short(text) {
  return text.length > 320 ? `${text.slice(0, 320).replace(/\s+\S*$/, "")}…` : text;
}
