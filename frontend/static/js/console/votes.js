// Which articles of the help centre helped their readers, the least helpful first.

import { make } from "../dom.js";
import { count, percent } from "../moments.js";
import { table } from "./view.js";

export function drawVotes(rows) {
  const columns = [
    ["Article", (row) => make("a", { href: `/help/${row.slug}` }, row.title), { main: true }],
    ["Helped", (row) => count(row.helped), { number: true }],
    ["Did not", (row) => count(row.not_helped), { number: true }],
    ["Share", (row) => percent(row.helped / (row.helped + row.not_helped)), { number: true }],
  ];
  return table("What readers said", columns, rows);
}
