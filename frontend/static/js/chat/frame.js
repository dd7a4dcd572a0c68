// Inside the widget's frame: a few words to and from the page around it. Nothing of what is said goes through here.

export class Frame {
  /** The frame's side of the wire, or null on a page of its own. */
  static find() {
    return parent !== window && document.querySelector(".chat--embedded") ? new Frame() : null;
  }

  constructor() {
    this.pageUrl = new URLSearchParams(location.search).get("page") || document.referrer || null;
  }

  connect({ conversation, composer, thread }) {
    const heard = {
      open: () => composer.area.focus(),
      prefill: (text) => composer.fill(String(text ?? "")),
      reset: () => conversation.startNew(),
      person: () => thread.askForPerson(),
    };
    addEventListener("message", ({ source, data }) => source === parent && Object.hasOwn(heard, data?.answerdesk) && heard[data.answerdesk](data.value));
    addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]") && this.tell("close"));
    const close = document.querySelector('[data-act="close"]');
    close.addEventListener("click", () => this.tell("close"));
    close.hidden = false;
    conversation.addEventListener("happened", ({ detail }) => !detail.replayed && this.report(detail));
    this.tell("ready");
  }

  report({ name, data }) {
    if (name === "message.created" && data.message.author === "person") this.tell("message");
    else if (name === "answer.completed") this.tell("message");
    else if (name === "handoff.requested") this.tell("handoff");
    else if (name === "turn.failed") this.tell("error");
  }

  tell(name) {
    parent.postMessage({ answerdesk: name }, "*");
  }
}
