// Every shortcut, for whoever presses ?.

import { button, make } from "../dom.js";

const SHORTCUTS = [
  ["J K", "Next, previous conversation"],
  ["Enter", "Open it"],
  ["U Esc", "Back to the list"],
  ["R", "Reply"],
  ["N", "Note to colleagues"],
  ["C", "Claim"],
  ["E", "Resolve"],
  ["Ctrl Enter", "Send"],
  ["Alt A", "Accept and send the draft"],
  ["Alt E", "Edit the draft"],
  ["Alt R", "Regenerate the draft"],
  ["1 … 9", "Open that source"],
  ["G then Q M A R", "Go to Queue, Mine, All, Resolved"],
  ["?", "This list"],
];

export function showShortcuts() {
  const rows = SHORTCUTS.flatMap(([keys, does]) => [
    make("dt", {}, keys.split(" ").map((key) => (/^(then|…)$/.test(key) ? ` ${key} ` : make("kbd", { class: "key" }, key)))),
    make("dd", {}, does),
  ]);
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "keys-title" });
  const close = button("Close", { onclick: () => dialog.close() });
  dialog.append(make("div", { class: "dialog__body" }, make("h2", { id: "keys-title" }, "Keyboard shortcuts"), make("dl", { class: "hints" }, rows), make("div", { class: "dialog__foot" }, close)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
