// Suggests articles while somebody types. Without it the form searches as forms do.

import { make } from "./dom.js";

const PAUSE_MS = 120;
const box = document.querySelector(".help-search");
const input = box?.querySelector("input");
const list = box?.querySelector(".suggestions");
let timer;
let asking = new AbortController();

if (input) {
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
  input.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(suggest, PAUSE_MS))));
  input.addEventListener("keydown", press);
  input.addEventListener("blur", () => setTimeout(close, 150));
}

async function suggest() {
  asking.abort();
  asking = new AbortController();
  const typed = input.value.trim();
  if (!typed) return close();
  const response = await fetch(`/help/suggestions.json?${new URLSearchParams({ q: typed })}`, { signal: asking.signal }).catch(() => null);
  if (!response?.ok) return close();
  const { data } = await response.json();
  draw(data);
}

function draw(rows) {
  list.replaceChildren(...rows.map((row, at) => make("a", { class: "suggestion", id: `suggestion-${at}`, role: "option", href: row.address, tabindex: "-1", "aria-selected": "false", lang: row.locale }, make("span", {}, row.title), make("small", {}, row.category))));
  list.hidden = rows.length === 0;
  input.setAttribute("aria-expanded", String(rows.length > 0));
  input.removeAttribute("aria-activedescendant");
}

function close() {
  draw([]);
}

function press(event) {
  const all = [...list.children];
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    location.assign(all[at].href);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length > 0) {
    event.preventDefault();
    choose(all, event.key === "ArrowDown" ? (at + 1) % all.length : (at <= 0 ? all.length : at) - 1);
  }
}

function choose(all, at) {
  all.forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
  input.setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}
