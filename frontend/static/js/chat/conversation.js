// One customer's conversation: what is sent, what comes back, what survives a reload. It knows nothing of the page.

import { Api } from "../api.js";
import { forget, recall, remember } from "../keep.js";
import { Stream } from "../stream.js";

const KEPT = "conversation";

/**
 * Tells by events: `happened` {name, data, replayed}, `writing` / `unsent` / `sent` {message, problem?}, `changed`,
 * `connection` {state}, `limited` {seconds}, `lost`, `emptied`.
 */
export class Conversation extends EventTarget {
  constructor({ locale = "en", pageUrl = null } = {}) {
    super();
    this.opening = { locale, page_url: pageUrl };
    this.api = new Api();
    this.clear();
    addEventListener("online", () => this.sendWaiting());
    addEventListener("storage", (event) => event.key === `answerdesk:${KEPT}` && this.followOtherTab());
  }

  clear() {
    this.stream?.close();
    Object.assign(this, { id: null, stream: null, owner: "bot", status: "open", agent: null, turn: null, upTo: 0, ratings: new Map() });
    this.api.token = null;
    this.unsent = null;
    this.waits = null;
  }

  get path() {
    return `/api/conversations/${this.id}`;
  }

  get replaying() {
    return this.upTo > 0;
  }

  /** Take up the conversation that this browser remembers, if there is one. */
  async resume() {
    const kept = recall(KEPT);
    if (!kept) return;
    this.take(kept);
    try {
      const seen = await this.api.get(this.path);
      this.upTo = seen.last_event ?? 0;
      this.ratings = new Map(seen.messages.map((message) => [message.id, message.rating]));
      this.follow();
    } catch (problem) {
      if ([401, 403, 404].includes(problem.status)) this.lose();
      else this.follow();
    }
  }

  /** Send a question, or the same one again: its id makes sure that it is heard once. */
  async say(text, message = { id: randomId(), text }) {
    this.unsent = message;
    this.waits = null;
    this.emit("writing", { message });
    try {
      await this.begin();
      const heard = await this.api.post(`${this.path}/messages`, { text, client_message_id: message.id });
      this.emit("sent", { message, heard });
      this.stream?.wake();
    } catch (problem) {
      if (problem.status === 0) this.waits = message;
      if (problem.status === 429) this.emit("limited", { seconds: Math.ceil(problem.retryAfter || 10) });
      if (problem.status === 401 || problem.status === 404) this.lose();
      this.emit("unsent", { message, problem });
    }
  }

  /** What could not leave without a connection goes as soon as there is one. */
  sendWaiting() {
    if (this.waits) this.say(this.waits.text, this.waits);
  }

  async begin() {
    if (this.id) return;
    const opened = await this.api.post("/api/conversations", this.opening);
    this.take({ id: opened.id, token: opened.token });
    remember(KEPT, { id: opened.id, token: opened.token });
    this.follow();
  }

  stop = () => this.api.post(`${this.path}/stop`);
  resolve = () => this.api.post(`${this.path}/resolve`);
  leaveContact = (email) => this.api.post(`${this.path}/contact`, { email });

  async askForPerson() {
    await this.begin();
    return this.api.post(`${this.path}/handoff`);
  }

  rate(messageId, rating) {
    this.ratings.set(messageId, rating.value);
    return this.api.put(`/api/messages/${messageId}/rating`, rating);
  }

  async transcript() {
    return (await this.api.fetch("GET", `${this.path}/transcript`)).blob();
  }

  /** Leave this conversation behind and begin with a clean page. */
  startNew() {
    this.clear();
    forget(KEPT);
    this.emit("emptied");
    this.emit("changed");
  }

  take({ id, token }) {
    this.id = id;
    this.api.token = token;
  }

  follow() {
    this.stream = new Stream(`${this.path}/events`, {
      headers: () => this.api.headers,
      after: 0,
      onevent: (event) => this.hear(event),
      onstate: (state) => this.reached(state),
    }).start();
  }

  reached(state) {
    if (state === "refused") return this.lose();
    this.emit("connection", { state });
    if (state === "live") this.sendWaiting();
    return undefined;
  }

  hear({ id, name, data }) {
    const number = Number(id) || 0;
    const replayed = this.upTo > 0 && number <= this.upTo;
    if (number >= this.upTo) this.upTo = 0;
    this.notice(name, data);
    this.emit("happened", { name, data, replayed });
    this.emit("changed");
  }

  notice(name, data) {
    if (name === "turn.started") this.turn = data.turn_id;
    else if (name === "answer.completed" || name === "turn.failed") this.turn = null;
    else if (name === "conversation.updated") {
      this.agentBefore = this.agent;
      Object.assign(this, { owner: data.owner, status: data.status, agent: data.agent ?? null });
    } else if (name === "message.created" && data.message.author === "customer") this.unsent = null;
  }

  lose() {
    this.clear();
    forget(KEPT);
    this.emit("lost");
    this.emit("changed");
  }

  followOtherTab() {
    const kept = recall(KEPT);
    if (kept?.id === this.id) return;
    this.clear();
    this.emit("emptied");
    this.resume();
  }

  emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// crypto.randomUUID exists on secure origins only; a help desk inside a company may not be one.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
