/**
 * Which tab does what only one may do, such as sending a file: the one that holds its turn. The others wait; when that tab is closed, the
 * next one goes on.
 *
 * Browsers have locks for this, but only on pages that came by https. On others a note in localStorage does, renewed while held.
 */

const RENEW = 2_000;
const LOST_AFTER = 8_000;

export type Release = () => void;

/** Waits for the turn of `name`; the promise is fulfilled with how to give it back. Rejects when `signal` is aborted first. */
export function turn(name: string, signal: AbortSignal): Promise<Release> {
  return "locks" in navigator ? lock(name, signal) : note(`${name}:turn`, signal);
}

function lock(name: string, signal: AbortSignal): Promise<Release> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { signal }, () => new Promise<void>((release) => resolve(() => release())))
      .catch((reason: unknown) => reject(reason instanceof Error ? reason : new Error(String(reason))));
  });
}

const me = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join("");

function note(key: string, signal: AbortSignal): Promise<Release> {
  return new Promise((resolve, reject) => {
    const held = (): boolean => {
      const [holder = "", since = "0"] = (localStorage.getItem(key) ?? "").split("@");
      return holder !== me && Date.now() - Number(since) < LOST_AFTER;
    };
    const write = () => localStorage.setItem(key, `${me}@${Date.now()}`);
    const attempt = () => {
      if (signal.aborted) stop(new Error("aborted"));
      if (signal.aborted || held()) return;
      write();
      clearInterval(attempts);
      const renewing = setInterval(write, RENEW);
      const release = () => {
        clearInterval(renewing);
        localStorage.removeItem(key);
      };
      addEventListener("pagehide", release, { once: true });
      resolve(release);
    };
    const stop = (reason: Error) => {
      clearInterval(attempts);
      reject(reason);
    };
    const attempts = setInterval(attempt, RENEW);
    attempt();
  });
}
