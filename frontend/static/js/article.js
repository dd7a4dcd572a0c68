// Brings the cited passage into view, shows in the contents where the reader is, and takes a vote without leaving.

import { recall, remember } from "./keep.js";
import { announce } from "./say.js";

const cited = document.getElementById("cited");
if (cited && (location.hash === "" || location.hash === "#cited")) {
  cited.tabIndex = -1;
  cited.focus({ preventScroll: true });
  cited.scrollIntoView({ block: "center" });
}

const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver(
  (entries) => {
    const shown = entries.find((entry) => entry.isIntersecting);
    if (!shown) return;
    for (const [name, link] of links) link.toggleAttribute("aria-current", name === shown.target.id);
  },
  { rootMargin: "-10% 0px -70% 0px" },
);
for (const name of links.keys()) reading.observe(document.getElementById(name));

const form = document.querySelector("[data-helpful]");
const thanks = document.querySelector("[data-thanks]");
const voted = `helpful ${form.dataset.helpful}`;
const thank = () => ([form.hidden, thanks.hidden] = [true, false]);
if (recall(voted)) thank();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams({ helped: event.submitter.value });
  const response = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (response?.type !== "opaqueredirect") return announce("Your answer could not be sent. Please try again.");
  remember(voted, true);
  thank();
});
