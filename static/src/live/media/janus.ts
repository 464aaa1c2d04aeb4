/**
 * Sound and pictures through the media server: one connection for what is sent, one for what is watched.
 *
 * Only our server speaks with Janus. It tells who sends (`feeds`), offers what was asked for (`want`), and says how large the largest place
 * is that what is sent has anywhere (`asked`).
 */

import type { Name } from "./devices";
import { type Host, isName, isSize, loadAll, NAMES, namesOf, type Payload, sending, sizeOf, type Transport, wanted } from "./transport";
import type { Size } from "./types";

const LOOK_EVERY = 1_000;
/** How long a connection may take before it is tried anew; doubled each time, for a slow computer needs longer. */
const PATIENCE = 5_000;
const LONGEST_PATIENCE = 40_000;
const TRY_AGAIN = 600;

interface Feed {
  readonly screen: string;
  /** Another one whenever the screen has begun to send anew. */
  readonly era: string;
  readonly endpoint: string;
  readonly main: boolean;
  readonly names: readonly Name[];
}

type Direction = "sending" | "watching";

export class Janus implements Transport {
  private feeds = new Map<string, Feed>();
  /** What comes through each place of the connection. */
  private places = new Map<string, readonly [screen: string, name: Name]>();
  private readonly seen = new Map<string, string>();
  private readonly sends: boolean;
  private out: RTCPeerConnection | null = null;
  private in: RTCPeerConnection | null = null;
  private readonly since = { sending: performance.now(), watching: performance.now() };
  private readonly patience = { sending: PATIENCE, watching: PATIENCE };
  private told = "";
  private size: Size = "full";
  private filled: Promise<void> = Promise.resolve();
  private closed = false;
  private work: Promise<void> = Promise.resolve();
  private readonly timer = setInterval(() => this.look(), LOOK_EVERY);

  constructor(private readonly host: Host, welcome: Payload) {
    this.sends = welcome["sends"] === true;
    this.asked(welcome);
    if (this.sends) this.publish();
    this.know(welcome["feeds"]);
  }

  get connections(): RTCPeerConnection[] {
    return [this.out, this.in].filter((connection) => connection !== null);
  }

  get telling(): RTCPeerConnection[] {
    return this.connections.filter((connection) => connection === this.in || this.host.tracks.size > 0);
  }

  take(payload: Payload): void {
    switch (payload["kind"]) {
      case "feeds": this.know(payload["feeds"]); break;
      case "asked": this.asked(payload); break;
      case "published": this.inTurn(() => this.published(payload["description"] as RTCSessionDescriptionInit)); break;
      case "offer": this.inTurn(() => this.answer(payload)); break;
      case "lost": this.lost(payload["what"] as Direction); break;
    }
  }

  again(welcome: Payload): void {
    this.told = "";
    this.asked(welcome);
    this.update();
    this.know(welcome["feeds"]);
  }

  update(): void {
    const names = JSON.stringify(this.sends ? sending(this.host) : []);
    if (names !== this.told) {
      this.told = names;
      this.host.signal({ kind: "sending", names: JSON.parse(names) as Name[] });
    }
    this.fill();
    this.want();
    this.receive();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const connection of this.connections) connection.close();
    for (const [screen, endpoint] of this.seen) this.host.receive(screen, endpoint, new Map());
  }

  private know(given: unknown): void {
    const feeds = Array.isArray(given) ? (given as Feed[]) : [];
    this.feeds = new Map(feeds.map((feed) => [feed.screen, { ...feed, names: namesOf(feed.names) }]));
    this.want();
    this.receive();
  }

  /** Asks for what has a place on this screen and is sent at all. */
  private want(): void {
    const streams: [string, Name, Size][] = [];
    for (const feed of this.feeds.values()) {
      const size = sizeOf(this.host.shown, feed.endpoint) ?? "small";
      for (const name of this.due(feed)) streams.push([feed.screen, name, size]);
    }
    this.host.signal({ kind: "want", streams });
  }

  private due(feed: Feed): Name[] {
    return wanted(this.host, feed).filter((name) => feed.names.includes(name));
  }

  // --- sending

  private publish(): void {
    this.out?.close();
    const connection = this.open("sending");
    this.out = connection;
    for (const name of NAMES) {
      connection.addTransceiver(name === "sound" ? "audio" : "video", { direction: "sendonly" });
    }
    this.told = "";
    this.update();
    this.offer();
  }

  private offer(): void {
    const connection = this.out;
    if (!connection) return;
    this.since.sending = performance.now();
    this.inTurn(async () => {
      await connection.setLocalDescription(await connection.createOffer());
      const names = connection.getTransceivers().map(({ mid }, index) => [mid ?? "", NAMES[index]] as const);
      this.host.signal({ kind: "publish", description: connection.localDescription?.toJSON(), names: Object.fromEntries(names) });
    });
  }

  private async published(description: RTCSessionDescriptionInit): Promise<void> {
    if (this.out?.signalingState !== "have-local-offer") return;
    await this.out.setRemoteDescription(description);
    this.fill();
  }

  private asked(payload: Payload): void {
    if (isSize(payload["size"])) this.size = payload["size"];
    this.fill();
  }

  /** One after the other, so that what is due last is what is sent in the end. */
  private fill(): void {
    const load = (): Promise<void> => loadAll(this.host, this.out?.getTransceivers() ?? [], NAMES, this.size);
    this.filled = this.filled.then(load).catch(() => undefined);
  }

  // --- watching

  private async answer(payload: Payload): Promise<void> {
    const connection = this.in ?? this.open("watching");
    this.in = connection;
    this.places = new Map();
    for (const [mid, stream] of Object.entries(payload["streams"] as Record<string, [string, unknown]>)) {
      if (isName(stream[1])) this.places.set(mid, [stream[0], stream[1]]);
    }
    await connection.setRemoteDescription(payload["description"] as RTCSessionDescriptionInit);
    await connection.setLocalDescription();
    this.host.signal({ kind: "answer", description: connection.localDescription?.toJSON() });
    this.receive();
  }

  private receive(): void {
    const found = this.arriving();
    for (const [screen, { endpoint }] of this.feeds) this.seen.set(screen, endpoint);
    for (const [screen, endpoint] of [...this.seen]) {
      this.host.receive(screen, endpoint, found.get(screen) ?? new Map());
      if (!this.feeds.has(screen)) this.seen.delete(screen);
    }
  }

  /** The tracks through which something comes, by screen. */
  private arriving(): Map<string, Map<Name, MediaStreamTrack>> {
    const found = new Map<string, Map<Name, MediaStreamTrack>>();
    for (const { mid, receiver: { track } } of this.in?.getTransceivers() ?? []) {
      const [screen, name] = this.places.get(mid ?? "") ?? [];
      const feed = this.feeds.get(screen ?? "");
      if (!feed || !name || !this.due(feed).includes(name)) continue;
      if (track.muted) track.onunmute = () => this.receive();
      else found.set(feed.screen, (found.get(feed.screen) ?? new Map<Name, MediaStreamTrack>()).set(name, track));
    }
    return found;
  }

  // --- both

  private open(direction: Direction): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers: this.host.ice, bundlePolicy: "max-bundle" });
    this.since[direction] = performance.now();
    connection.onicecandidate = ({ candidate }) =>
      this.host.signal({ kind: "candidate", to: direction, candidate: candidate?.toJSON() ?? null });
    connection.onconnectionstatechange = () => {
      this.since[direction] = performance.now();
      if (connection.connectionState === "connected") this.patience[direction] = PATIENCE;
      this.host.line();
    };
    connection.ontrack = () => this.receive();
    return connection;
  }

  /** A connection that does not work is mended by new candidates; one that Janus has given up, by a new one. */
  private look(): void {
    const late = (connection: RTCPeerConnection | null, direction: Direction): boolean => {
      if (!connection || connection.connectionState === "connected") return false;
      if (performance.now() - this.since[direction] < this.patience[direction]) return false;
      this.patience[direction] = Math.min(2 * this.patience[direction], LONGEST_PATIENCE);
      return true;
    };
    if (late(this.out, "sending")) {
      this.out?.restartIce();
      this.offer();
    }
    if (late(this.in, "watching") && this.in?.connectionState !== "new") {
      this.since.watching = performance.now();
      this.host.signal({ kind: "again" });
    }
  }

  private lost(direction: Direction): void {
    setTimeout(() => {
      if (this.closed) return;
      if (direction === "sending") {
        this.publish();
      } else {
        this.in?.close();
        this.in = null;
        this.places = new Map();
        this.want();
        this.receive();
      }
    }, TRY_AGAIN);
  }

  /** Descriptions are taken one after the other. */
  private inTurn(work: () => Promise<void>): void {
    this.work = this.work.then(work).catch(() => undefined); // `look` tries again
  }
}
