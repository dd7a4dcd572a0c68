// Signing in and redeeming a one-time link: one form, one request, then on to where the person wanted to go.

import { Api } from "./api.js";
import { failure, part } from "./dom.js";

const api = new Api();
const form = document.querySelector("form[data-send]");
const pressed = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const missing = [...form.elements].find((field) => field.willValidate && !field.checkValidity());
  if (missing) return refuse(missing, missing.validationMessage);
  pressed.disabled = true;
  try {
    await api.post(form.dataset.send, Object.fromEntries(new FormData(form)));
    location.assign(form.dataset.then);
  } catch (problem) {
    refuse(form.querySelector("[type=password]"), problem.message);
    pressed.disabled = false;
  }
  return undefined;
});

function refuse(field, message) {
  part(form, "problem").replaceChildren(failure({ message }));
  for (const one of form.querySelectorAll(".input")) one.setAttribute("aria-invalid", String(one === field));
  field.focus();
}
