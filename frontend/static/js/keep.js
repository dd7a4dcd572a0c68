// What the browser remembers for us. Where storage is blocked, it is remembered until the page closes.

const memory = new Map();

function storage() {
  try {
    localStorage.setItem("answerdesk:probe", "1");
    localStorage.removeItem("answerdesk:probe");
    return localStorage;
  } catch {
    return null;
  }
}

const kept = storage();

export const lasts = kept !== null;

export function recall(name) {
  const text = kept ? kept.getItem(`answerdesk:${name}`) : memory.get(name);
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export function remember(name, value) {
  if (!kept) return void memory.set(name, JSON.stringify(value));
  try {
    kept.setItem(`answerdesk:${name}`, JSON.stringify(value));
  } catch {
    memory.set(name, JSON.stringify(value));
  }
}

export function forget(name) {
  memory.delete(name);
  kept?.removeItem(`answerdesk:${name}`);
}
