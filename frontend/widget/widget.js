// Answerdesk's loader: a launcher in a shadow root, and the chat in a frame of its own origin.
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const options = script.dataset;
  if (customElements.get("answerdesk-chat")) return;

  const style = `
    :host { --accent: ${/^#[0-9a-f]{3,8}$/i.test(options.color) ? options.color : "#14614a"}; position: fixed; z-index: 2147483000; inset-block-end: 20px; inset-inline-end: 20px; font: 600 12px/1 system-ui, sans-serif; }
    :host([position="left"]) { inset-inline: 20px auto; }
    button { position: relative; display: grid; place-items: center; inline-size: 56px; block-size: 56px; border: 0; border-radius: 18px; background: var(--accent); color: #fff; cursor: pointer; box-shadow: 0 6px 20px rgb(0 0 0 / .22); transition: translate .15s; }
    button:hover { translate: 0 -2px; }
    button:focus-visible { outline: 3px solid #0b6e99; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { inline-size: 28px; }
    b { position: absolute; inset: -4px -4px auto auto; padding: 4px 6px; border-radius: 9px; background: #ffd66b; color: #3d2a00; }
    b:empty, [hidden] { display: none; }
    div { position: absolute; inset-block-end: 70px; inset-inline-end: 0; inline-size: min(400px, calc(100vw - 40px)); block-size: min(660px, calc(100dvh - 110px)); border-radius: 18px; overflow: hidden; background: Canvas; box-shadow: 0 18px 60px rgb(0 0 0 / .28); }
    :host([position="left"]) div { inset-inline: 0 auto; }
    iframe { inline-size: 100%; block-size: 100%; border: 0; }
    @media (max-width: 480px) { div { position: fixed; inset: 0; inline-size: 100%; block-size: 100dvh; border-radius: 0; } :host([open][ready]) button { display: none; } }
    @media (forced-colors: active) { button { border: 2px solid ButtonText; } }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }`;
  const make = (name, attributes, ...children) => {
    const space = /^(svg|path)$/.test(name) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
    const element = document.createElementNS(space, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  };
  const drawing = () =>
    make(
      "svg",
      { viewBox: "0 0 32 32", "aria-hidden": "true" },
      make("path", { fill: "#fff", d: "M7 4h18a5 5 0 0 1 5 5v10a5 5 0 0 1-5 5h-9.500l-6.200 5A.8.8 0 0 1 8 28.300V24H7a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5z" }),
      make("path", { d: "M9 11h14M9 17h8", stroke: "var(--accent)", "stroke-width": "3", "stroke-linecap": "round" }),
    );

  class Chat extends HTMLElement {
    #listeners = {};
    #unread = 0;
    #asked = [];

    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      this.panel = make("div", { id: "panel", role: "dialog", "aria-label": "Chat", hidden: "" });
      this.badge = make("b");
      this.launcher = make("button", { part: "launcher", "aria-controls": "panel" }, drawing(), this.badge);
      root.append(this.panel, this.launcher);
      this.launcher.hidden = options.launcher === "hidden";
      this.launcher.onclick = () => this.toggle();
      this.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
      addEventListener("message", (event) => event.source && event.source === this.frame?.contentWindow && event.origin === home && this.#hear(event.data?.answerdesk));
      this.#label();
    }

    get isOpen() {
      return this.hasAttribute("open");
    }

    open() {
      this.#load();
      this.panel.hidden = false;
      this.toggleAttribute("open", true);
      this.#unread = 0;
      this.#label();
      this.frame.focus();
      this.#ask("open");
      this.#emit("open");
    }

    close() {
      if (!this.isOpen) return;
      this.panel.hidden = true;
      this.toggleAttribute("open", false);
      this.#label();
      this.launcher.focus();
      this.#emit("close");
    }

    toggle() {
      this.isOpen ? this.close() : this.open();
    }

    prefill(text) {
      this.#load();
      this.#ask("prefill", text);
    }

    reset() {
      this.#load();
      this.#ask("reset");
    }

    on(name, listener) {
      (this.#listeners[name] ??= []).push(listener);
    }

    #load() {
      if (this.frame) return;
      this.frame = document.createElement("iframe");
      const query = new URLSearchParams({ page: location.href, locale: options.locale || document.documentElement.lang || "en", theme: options.theme || "" });
      this.frame.src = `${home}/embed?${query}`;
      this.frame.title = "Chat";
      this.frame.allow = "clipboard-write";
      this.panel.append(this.frame);
    }

    // Words for the frame wait until it says that it listens.
    #ask(name, value) {
      this.#asked.push({ answerdesk: name, value });
      if (this.ready) for (const word of this.#asked.splice(0)) this.frame.contentWindow.postMessage(word, home);
    }

    #hear(name) {
      if (name === "close") this.close();
      else if (name === "ready") {
        this.ready = true;
        this.toggleAttribute("ready", true);
        for (const word of this.#asked.splice(0)) this.frame.contentWindow.postMessage(word, home);
      } else if (name === "message" && !this.isOpen) {
        this.#unread += 1;
        this.#label();
      }
      if (["ready", "message", "handoff", "error"].includes(name)) this.#emit(name);
    }

    #emit(name) {
      for (const listener of this.#listeners[name] ?? []) listener({ type: name, unread: this.#unread });
    }

    #label() {
      this.badge.textContent = this.#unread || "";
      const label = this.isOpen ? "Close chat" : options.label || "Open chat";
      this.launcher.setAttribute("aria-label", this.#unread ? `${label}, ${this.#unread} unread` : label);
      this.launcher.setAttribute("aria-expanded", this.isOpen);
    }
  }

  customElements.define("answerdesk-chat", Chat);
  const place = () => {
    const chat = document.querySelector("answerdesk-chat") ?? document.body.appendChild(document.createElement("answerdesk-chat"));
    if (options.position) chat.setAttribute("position", options.position);
    // Calls made before we were there: window.Answerdesk = [["open"], ["on", "handoff", listener]].
    const waiting = Array.isArray(window.Answerdesk) ? window.Answerdesk : [];
    const call = ([name, ...values]) => chat[name]?.(...values);
    window.Answerdesk = { push: call };
    for (const name of ["open", "close", "toggle", "prefill", "reset", "on"]) window.Answerdesk[name] = (...values) => chat[name](...values);
    waiting.forEach(call);
  };
  document.body ? place() : addEventListener("DOMContentLoaded", place);
})();
