// A secret that is shown this once: to copy, and then to close.

import { button, icon, make } from "../dom.js";

export function drawSecret(secret, detail, close) {
  const copy = button("Copy", { symbol: "copy", look: "button--main button--small", onclick: () => taken() });
  const taken = async () => {
    await navigator.clipboard?.writeText(secret).catch(() => {});
    copy.replaceChildren(icon("check"), "Copied");
  };
  return [
    make("p", { class: "banner banner--warning" }, icon("triangle-alert"), make("span", {}, detail)),
    make("div", { class: "secret" }, make("code", { tabindex: "0" }, secret), copy),
    make("div", { class: "dialog__foot" }, button("Done", { onclick: close })),
  ];
}
