/** The words that somebody searched for last, in this browser only and until they sign out. */

const PREFIX = "searched:";
const MOST = 8;

/** Words searched for before, the last first. */
export function recent(person: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + person) ?? "[]");
    return Array.isArray(kept) ? kept.filter((words) => typeof words === "string") : [];
  } catch {
    return []; // storage is switched off, or holds something else
  }
}

export function remember(person: string, words: string): void {
  if (!person || !words) return;
  const others = recent(person).filter((other) => other !== words);
  try {
    localStorage.setItem(PREFIX + person, JSON.stringify([words, ...others].slice(0, MOST)));
  } catch {
    // storage is full or switched off: nothing depends on it
  }
}

/** Forgets what anybody searched for in this browser. */
export function forget(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // storage is switched off
  }
}
