// Short words to the person: a toast to see, a polite line to hear, a question to confirm.

import { button, icon, make } from "./dom.js";

const TOAST_MS = 6000;

/** Speaks through one visually hidden live region, so that a screen reader hears each thing once. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 60);
}

export function toast(text, { symbol = "circle-check" } = {}) {
  const holder = document.querySelector(".toasts") ?? document.body.appendChild(make("div", { class: "toasts" }));
  const shown = make("div", { class: "toast" }, icon(symbol), make("span", {}, text));
  holder.append(shown);
  announce(text);
  setTimeout(() => shown.remove(), TOAST_MS);
}

/** Says why something that was asked for did not happen. */
export const trouble = (problem) => toast(problem.message, { symbol: "circle-alert" });

/** Resolves to true when the person agrees. */
export function confirmed(title, detail, yes, { danger = false } = {}) {
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-title" });
  const look = danger ? "button--main button--danger" : "button--main";
  const answer = (value) => () => dialog.close(value);
  dialog.append(
    make(
      "div",
      { class: "dialog__body" },
      make("h2", { id: "confirm-title" }, title),
      make("p", {}, detail),
      make("div", { class: "dialog__foot" }, button("Cancel", { onclick: answer("no") }), button(yes, { look, onclick: answer("yes") })),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** A button that opens a menu: arrows move, Escape closes, focus returns. */
export function openMenuWith(opener, menu) {
  opener.disabled = false; // before this, a press on it would be lost
  const items = () => [...menu.querySelectorAll(".menu__item:not(:disabled):not([hidden])")];
  const close = (focus) => {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (focus) opener.focus();
  };
  opener.addEventListener("click", () => {
    menu.hidden = !menu.hidden;
    opener.setAttribute("aria-expanded", String(!menu.hidden));
    if (!menu.hidden) items()[0]?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    const all = items();
    const here = all.indexOf(document.activeElement);
    const moves = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      all.at(moves[event.key] % all.length)?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close(false);
  });
  menu.addEventListener("click", (event) => event.target.closest(".menu__item") && close(true));
  document.addEventListener("click", (event) => !menu.contains(event.target) && !opener.contains(event.target) && close(false));
}
