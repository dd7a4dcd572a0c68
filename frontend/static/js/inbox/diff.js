// What a person changed in a drafted text, word by word.

import { make } from "../dom.js";

const LONGEST = 1500;

/** Longest common subsequence of words; [kind, text] pieces with kind "same", "ins" or "del". */
export function differences(before, after) {
  const a = before.split(/(?<=\s)/);
  const b = after.split(/(?<=\s)/);
  if (a.length > LONGEST || b.length > LONGEST) return [["del", before], ["ins", after]];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  const pieces = [];
  const add = (kind, word) => (pieces.at(-1)?.[0] === kind ? (pieces.at(-1)[1] += word) : pieces.push([kind, word]));
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) add("same", a[i++], j++);
    else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) add("del", a[i++]);
    else add("ins", b[j++]);
  }
  return pieces;
}

export function drawDifferences(before, after) {
  return differences(before, after).map(([kind, text]) => (kind === "same" ? text : make(kind, {}, text)));
}
