// Building pages from values. Text always goes in as text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = new URL("../icons/sprite.svg", import.meta.url).pathname;

/** An element with attributes, listeners (`onclick`), and children; false and null leave a part out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name, kind = "") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", `icon ${kind}`.trim());
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  drawing.append(use);
  return drawing;
}

/** A button with an icon; without text the label is its accessible name and its tooltip. */
export function button(label, { symbol, look = "", text = true, ...attributes } = {}) {
  const named = text ? {} : { "aria-label": label, title: label };
  const kind = `button ${text ? "" : "button--icon"} ${look}`.replace(/\s+/g, " ").trim();
  return make("button", { type: "button", class: kind, ...named, ...attributes }, symbol && icon(symbol), text && make("span", {}, label));
}

/** A copy of what a `<template>` holds. */
export function stamp(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function part(element, name) {
  return element.querySelector(`[data-part="${name}"]`);
}

export function badge(text, kind = "") {
  return make("span", { class: `badge ${kind}`.trim() }, text);
}

export function empty(symbol, title, detail, ...actions) {
  const row = actions.length > 0 && make("div", { class: "row" }, actions);
  return make("div", { class: "empty" }, make("div", { class: "empty__picture" }, icon(symbol)), make("h2", {}, title), make("p", {}, detail), row);
}

export function skeleton(lines = 6) {
  const bars = Array.from({ length: lines }, () => make("div"));
  return make("div", { class: "skeleton", role: "status", "aria-label": "Loading" }, bars);
}

/** What went wrong, in the words of the server, with a way on. */
export function failure(problem, again) {
  const retry = again && button("Try again", { symbol: "rotate-ccw", look: "button--small", onclick: again });
  return make("div", { class: "banner banner--bad", role: "alert" }, icon("circle-alert"), make("span", {}, problem.message), retry);
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

/** Is the person writing? Then single letters are text, not commands. */
export function isWriting(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
