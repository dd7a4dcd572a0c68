// Read before the page is drawn, so that it never flashes in the wrong theme. A classic script on purpose.
(() => {
  const root = document.documentElement;
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
  };
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem("answerdesk:theme"));
    } catch {
      return null;
    }
  };
  const asked = new URLSearchParams(location.search).get("theme");
  apply(asked || read());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-switch-theme]")) return;
    const dark = getComputedStyle(root).colorScheme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    apply(dark ? "light" : "dark");
    try {
      localStorage.setItem("answerdesk:theme", JSON.stringify(dark ? "light" : "dark"));
    } catch {
      // Without storage the choice lasts until the page closes.
    }
  });
})();
