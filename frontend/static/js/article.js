// Brings the cited passage into view, and shows in the contents where the reader is.

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
