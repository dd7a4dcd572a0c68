// What every page of agents and admins shares: the navigation on small screens, and signing out.

import { Api } from "./api.js";
import { recall, remember } from "./keep.js";
import { trouble } from "./say.js";

const rail = document.getElementById("rail");
const list = rail.querySelector("[data-rail-list]");
const opener = document.querySelector("[data-open-rail]");
const veil = document.querySelector("[data-close-rail]");

function show(open) {
  rail.classList.toggle("is-open", open);
  veil.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  if (open) rail.querySelector("a").focus();
  else if (rail.contains(document.activeElement)) opener.focus();
}

// The list stands where it was left, and what is open is in sight.
list.scrollTop = recall("rail") ?? 0;
rail.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
addEventListener("pagehide", () => remember("rail", list.scrollTop));

opener.addEventListener("click", () => show(!rail.classList.contains("is-open")));
veil.addEventListener("click", () => show(false));
rail.addEventListener("keydown", (event) => event.key === "Escape" && rail.classList.contains("is-open") && show(false));

document.querySelector("[data-sign-out]").addEventListener("click", async () => {
  try {
    await new Api().delete("/api/session");
    location.assign("/login");
  } catch (problem) {
    trouble(problem);
  }
});
