// Server-sent events over fetch: unlike EventSource it can send a token. It resumes after the last event it saw.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class Stream {
  /**
   * `onevent({id, name, data})`, `onstate("live" | "waiting" | "refused", problem?)`.
   * `after` is the cursor to begin from; null means: only what happens from now on.
   */
  constructor(url, { headers = () => ({}), after = null, onevent, onstate = () => {} }) {
    Object.assign(this, { url, headers, after, onevent, onstate });
    this.tries = 0;
    this.wake = () => this.hurry?.();
  }

  start() {
    this.closed = false;
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.run();
    return this;
  }

  close() {
    this.closed = true;
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.hurry?.();
    this.abort?.abort();
  }

  async run() {
    while (!this.closed) {
      const refused = await this.listen().catch(() => null);
      if (this.closed) return;
      if (refused && refused >= 400 && refused < 500 && refused !== 429) return this.onstate("refused", refused);
      this.onstate("waiting");
      await this.pause();
    }
  }

  async listen() {
    this.abort = new AbortController();
    const headers = { accept: "text/event-stream", ...this.headers() };
    if (this.after !== null) headers["last-event-id"] = String(this.after);
    const response = await fetch(this.url, { headers, signal: this.abort.signal, cache: "no-store" });
    if (!response.ok) return response.status;
    this.tries = 0;
    this.onstate("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 0;
      const blocks = (rest + value).replace(/\r\n?/g, "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.tell(block);
    }
  }

  tell(block) {
    const event = { id: null, name: "message", data: "" };
    for (const line of block.split("\n")) {
      const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === "id") event.id = value;
      else if (field === "event") event.name = value;
      else if (field === "data") event.data += (event.data && "\n") + value;
    }
    if (!event.data) return;
    if (event.id) this.after = event.id;
    this.onevent({ ...event, data: JSON.parse(event.data) });
  }

  // Waits longer each time, and never in step with other browsers; coming online or back to the tab ends the wait.
  pause() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries++) * (0.5 + Math.random());
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.hurry = () => (clearTimeout(timer), resolve());
    });
  }
}
