// Two people edited one article: what each of them wrote, and which of it stays.

import { button, make } from "../dom.js";
import { announce } from "../say.js";
import { changes } from "./revisions.js";
import { dialogWith } from "./view.js";

/** Resolves to "mine" or "theirs". Who only closes the dialog keeps theirs in the history and mine in the editor. */
export function settleConflict(mine, theirs) {
  return new Promise((resolve) => {
    const choose = (choice) => () => (resolve(choice), dialog.close());
    const dialog = dialogWith(
      "Somebody else saved this article",
      make(
        "div",
        { class: "stack" },
        make("p", {}, `${theirs.changed_by} saved another state while you were writing. This is what keeping yours would change in theirs:`),
        make("div", { class: "compared", tabindex: "0" }, changes(theirs, mine)),
        make("div", { class: "dialog__foot" }, button("Take theirs", { onclick: choose("theirs") }), button("Keep mine", { look: "button--main", onclick: choose("mine") })),
      ),
      { wide: true, onclose: choose("mine") },
    );
    announce("Somebody else saved this article. Choose which of the two stays.");
  });
}
