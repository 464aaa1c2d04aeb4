/** How good the line is: what is measured against the server, and how figures are made of it. */

export interface Addresses {
  echo: string;
  download: string;
  upload: string;
  token: string;
}

export interface Delay {
  rtt: number | null;
  jitter: number | null;
  /** How far this computer's clock is ahead of the server's, in milliseconds. */
  clock: number | null;
}

const ECHOES = 8;
const SMALL = 256_000;
const LARGE = 1_000_000;
const SLOW_MS = 700;
const PATIENCE = 8_000;
const RELAY_PATIENCE = 6_000;

/** The middle of several round trips, and how much one differs from the next on average. */
export function delayOf(trips: number[]): { rtt: number | null; jitter: number | null } {
  const sorted = [...trips].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return { rtt: null, jitter: null };
  const steps = trips.slice(1).map((trip, index) => Math.abs(trip - (trips[index] ?? trip)));
  const jitter = steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length);
  return { rtt: middle, jitter };
}

/** Mbit/s. */
export function speedOf(bytes: number, milliseconds: number): number {
  return (bytes * 8) / 1000 / Math.max(1, milliseconds);
}

/** Whether the line of the lessons opens: a socket that the server greets. */
export function socketOpens(): Promise<boolean> {
  return new Promise((resolve) => {
    const address = new URL("/socket.io/?EIO=4&transport=websocket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    const answer = (opened: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(opened);
    };
    const timer = setTimeout(() => answer(false), PATIENCE);
    socket.onmessage = () => answer(true);
    socket.onerror = () => answer(false);
  });
}

/** Asks the server the time, several times. */
export async function measureDelay(addresses: Addresses): Promise<Delay> {
  const trips: number[] = [];
  let clock: number | null = null;
  let quickest = Infinity;
  for (let number = 0; number <= ECHOES; number += 1) {
    const asked = performance.now();
    const said = await fetch(addresses.echo, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" }).catch(() => null);
    if (!said?.ok) continue;
    const trip = performance.now() - asked;
    const { now } = (await said.json()) as { now: number };
    if (number === 0) continue; // the first one also opens the connection
    trips.push(trip);
    if (trip < quickest) {
      quickest = trip;
      clock = Date.now() - trip / 2 - now;
    }
  }
  return { ...delayOf(trips), clock };
}

/** Downloads a little, and more when that was quick. Null: nothing came. */
export async function measureDown(addresses: Addresses): Promise<number | null> {
  return twice(async (bytes) => {
    const said = await fetch(`${addresses.download}?bytes=${bytes}`, {
      signal: AbortSignal.timeout(PATIENCE),
      cache: "no-store",
    });
    if (!said.ok) throw new Error(String(said.status));
    await said.arrayBuffer();
  });
}

/** The same the other way. */
export async function measureUp(addresses: Addresses): Promise<number | null> {
  return twice(async (bytes) => {
    const body = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(body.subarray(at, at + 65_536));
    const said = await fetch(addresses.upload, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": addresses.token, "Content-Type": "application/octet-stream" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!said.ok) throw new Error(String(said.status));
  });
}

async function twice(carry: (bytes: number) => Promise<void>): Promise<number | null> {
  let speed: number | null = null;
  for (const bytes of [SMALL, LARGE]) {
    const begun = performance.now();
    try {
      await carry(bytes);
    } catch {
      return speed ?? 0;
    }
    const took = performance.now() - begun;
    speed = speedOf(bytes, took);
    if (took > SLOW_MS) break;
  }
  return speed;
}

/** Whether the relay for sound and pictures answers; `unset` when the site has none. */
export async function measureRelay(iceServers: readonly RTCIceServer[]): Promise<"ok" | "failed" | "unset" | "unknown"> {
  if (typeof RTCPeerConnection === "undefined") return "unknown";
  const relays = iceServers.filter(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
  if (relays.length === 0) return "unset";
  const peer = new RTCPeerConnection({ iceServers: relays, iceTransportPolicy: "relay" });
  try {
    return await new Promise((resolve) => {
      setTimeout(() => resolve("failed"), RELAY_PATIENCE);
      peer.onicecandidate = ({ candidate }) => {
        if (candidate) resolve("ok");
      };
      peer.createDataChannel("check");
      peer.createOffer().then(
        (offer) => peer.setLocalDescription(offer),
        () => resolve("failed"),
      );
    });
  } finally {
    peer.close();
  }
}

/** What the browser calls itself: its name with its version, and the version of the Chromium in it (0: none). */
export function browserOf(agent: string): { browser: string; chromium: number } {
  const chromium = Number(/Chrom(?:e|ium)\/(\d+)/.exec(agent)?.[1] ?? 0);
  const names: [string, RegExp][] = [
    ["Edge", /Edg\/(\d+)/],
    ["Firefox", /Firefox\/(\d+)/],
    ["Chrome", /Chrome\/(\d+)/],
    ["Safari", /Version\/(\d+).*Safari/],
  ];
  for (const [name, pattern] of names) {
    const version = pattern.exec(agent)?.[1];
    if (version) return { browser: `${name} ${version}`, chromium };
  }
  return { browser: "", chromium };
}
