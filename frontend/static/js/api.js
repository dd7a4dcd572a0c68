// Requests to our own server. What it refuses comes back as a Problem that says so in one plain sentence.

const OFFLINE = "No connection. Check your network, then try again.";
const BROKEN = "Something went wrong on our side. Please try again in a moment.";

export class Problem extends Error {
  constructor(status, detail, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  constructor({ token = null } = {}) {
    this.token = token;
  }

  get headers() {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }

  get = (path) => this.send("GET", path);
  post = (path, body = {}) => this.send("POST", path, body);
  put = (path, body = {}) => this.send("PUT", path, body);
  patch = (path, body = {}) => this.send("PATCH", path, body);
  delete = (path) => this.send("DELETE", path);

  async send(method, path, body) {
    const response = await this.fetch(method, path, body);
    return response.status === 204 ? null : response.json();
  }

  /** The response itself, for a file to keep. */
  async fetch(method, path, body, more = {}) {
    const headers = { accept: "application/json", ...this.headers, ...more };
    if (body !== undefined) headers["content-type"] = "application/json";
    const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    const response = await fetch(path, request).catch(() => {
      throw new Problem(0, OFFLINE);
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

export async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("retry-after")) || 0;
  return new Problem(response.status, said.detail || said.title || BROKEN, seconds);
}
