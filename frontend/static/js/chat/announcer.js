// What a screen reader hears: one polite region for what happened, one assertive region for what went wrong.
// Answers that are being written are silent; the finished one is read once.

const LONGEST = 900;

export class Announcer {
  constructor(polite, alert) {
    Object.assign(this, { polite, alert });
  }

  say(text) {
    this.put(this.polite, text);
  }

  alarm(text) {
    this.put(this.alert, text);
  }

  answer(view) {
    const text = [...view.text.children].map((block) => block.innerText).join(" ").replace(/\s+/g, " ");
    const sources = view.element.querySelectorAll(".source").length;
    const ending = sources ? ` Answer complete, ${sources} ${sources === 1 ? "source" : "sources"}.` : "";
    this.say((text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text) + ending);
  }

  put(region, text) {
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 60);
  }
}
