// How the documents of one source are cut: a form, and the same in words.

import { Problem } from "../api.js";
import { button, make } from "../dom.js";
import { count, several } from "../moments.js";
import { api, dialogWith, field, form } from "./view.js";

const LEAST = 32;
const MOST = 4096;
const MOST_OVERLAP = 256;
const WORDS_A_TOKEN = 0.75;

const lengthOf = (tokens) => (tokens ? `${count(tokens)} tokens, about ${count(Math.round(tokens * WORDS_A_TOKEN))} words` : "as much as the embedding model reads at once");

/** What these rules mean, in one or two sentences; `tokens` is null where the model decides. */
export function inWords({ tokens = null, overlap = 0, neighbours = false }) {
  const read = [overlap && `the last ${several(overlap, "token")} of the passage before`, neighbours && "its neighbours as far as there is room"].filter(Boolean);
  return `A passage is at most ${lengthOf(tokens)}. ${read.length ? `Searches read ${read.join(" and ")} along; none of that is cited with it.` : "Searches read it alone."}`;
}

/** The same in a few words for a table; nothing where no rule was made. */
export function inShort({ tokens, overlap, neighbours }) {
  const said = [tokens && `at ${count(tokens)} tokens`, overlap && `${count(overlap)} read along`, neighbours && "with neighbours"].filter(Boolean);
  return said.length ? `cut ${said.join(", ")}` : null;
}

function problemOf({ tokens, overlap }) {
  if (tokens !== null && !(Number.isInteger(tokens) && tokens >= LEAST && tokens <= MOST)) return `The longest passage is a whole number from ${LEAST} to ${count(MOST)} tokens. Leave it empty for as long as the embedding model reads.`;
  if (!(Number.isInteger(overlap) && overlap >= 0 && overlap <= MOST_OVERLAP)) return `The overlap is a whole number from 0 to ${MOST_OVERLAP} tokens.`;
  return tokens !== null && overlap >= tokens ? "The overlap must be smaller than the longest passage." : null;
}

/** Asks for other rules; `taken` gets the id of the run that cuts anew. */
export function editCutting({ id: source, name, cutting }, taken) {
  const number = (id, value, max) => make("input", { class: "input", id, name: id, type: "number", min: "0", max, step: "1", inputmode: "numeric", value: value ?? "" });
  const tokens = number("tokens", cutting.tokens, String(MOST));
  const overlap = number("overlap", cutting.overlap ?? 0, String(MOST_OVERLAP));
  const neighbours = make("input", { type: "checkbox", id: "neighbours", checked: cutting.neighbours === true });
  const wanted = () => ({ tokens: tokens.value ? Number(tokens.value) : null, overlap: Number(overlap.value || 0), neighbours: neighbours.checked });
  const meaning = make("output", { class: "small", for: "tokens overlap neighbours" });
  const tell = () => (meaning.textContent = problemOf(wanted()) ?? inWords(wanted()));
  for (const input of [tokens, overlap, neighbours]) input.addEventListener("input", tell);
  tell();
  const send = async () => {
    const problem = problemOf(wanted());
    if (problem) throw new Problem(422, problem);
    const { run_id: run } = await api.put(`/api/admin/sources/${source}/cutting`, wanted());
    dialog.close();
    taken(run);
  };
  const foot = make("div", { class: "dialog__foot" }, button("Cancel", { onclick: () => dialog.close() }), button("Cut anew", { look: "button--main", type: "submit" }));
  const content = [
    make("p", {}, `This holds for every document of “${name}”, and for no other source. A run cuts them anew and publishes the result.`),
    field("Longest passage in tokens", tokens, `From ${LEAST}. Shorter passages are found more exactly and tell less. Empty: as long as the embedding model reads at once.`),
    field("Overlap in tokens", overlap, "How much of the passage before is read along."),
    make("label", { class: "choice", for: "neighbours" }, neighbours, "Read along what stands before and behind, as far as there is room"),
    meaning,
  ];
  const dialog = dialogWith("How it is cut", form(send, content, foot));
}
