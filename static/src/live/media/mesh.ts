/**
 * Every browser sends to every other. The server says who speaks with whom and hands on what they say.
 *
 * Each pair has one connection with three places: sound, first and second picture. What goes through them changes without another
 * agreement. Whoever was there first offers, at the beginning and when the connection has to be mended, and the other, the polite one,
 * never does: Chromium shows no picture of a connection on which it took an offer back. The lead's side is met at once and all others a
 * little later, for its picture is what a newcomer waits for.
 */

import type { Name } from "./devices";
import { type Host, isSize, loadAll, NAMES, namesOf, type Payload, sending, sizeOf, type Transport, wanted } from "./transport";
import type { Size } from "./types";

const LOOK_EVERY = 1_000;
/** How long a connection may take before it is tried anew; doubled each time, for a slow computer needs longer. */
const PATIENCE = 4_000;
const LONGEST_PATIENCE = 30_000;
/** After the line to the server was lost: the others may come back later than I, and their pictures go on meanwhile. */
const KEEP = 10_000;
/** How long those who are not the lead's side leave it the line and the processor of a newcomer. */
const AFTER_THE_LEAD = 800;

interface Peer {
  readonly screen: string;
  readonly era: string;
  readonly endpoint: string;
  readonly main: boolean;
  readonly give: boolean;
  readonly take: boolean;
  readonly polite: boolean;
}

export class Mesh implements Transport {
  private readonly links = new Map<string, Link>();
  private readonly timer = setInterval(() => this.look(), LOOK_EVERY);
  private peers: readonly Peer[] = [];
  private keepUntil = 0;

  constructor(private readonly host: Host, welcome: Payload) {
    this.meet(welcome["peers"]);
  }

  get connections(): RTCPeerConnection[] {
    return [...this.links.values()].map((link) => link.connection);
  }

  get telling(): RTCPeerConnection[] {
    if (this.host.tracks.size === 0) return [];
    return [...this.links.values()].filter((link) => link.hasSent).map((link) => link.connection);
  }

  take(payload: Payload): void {
    if (payload["kind"] === "peers") this.meet(payload["peers"]);
    else this.links.get(String(payload["from"]))?.take(payload);
  }

  again(welcome: Payload): void {
    this.keepUntil = performance.now() + KEEP;
    this.meet(welcome["peers"]);
    for (const link of this.links.values()) link.mend();
  }

  update(): void {
    for (const link of this.links.values()) link.update();
  }

  close(): void {
    clearInterval(this.timer);
    for (const screen of [...this.links.keys()]) this.part(screen);
  }

  /** Speaks with these and nobody else. Somebody whose page or rights are new is met anew. */
  private meet(given: unknown): void {
    this.peers = Array.isArray(given) ? (given as Peer[]) : [];
    const known = new Map(this.peers.map((peer) => [peer.screen, peer]));
    for (const [screen, link] of this.links) {
      const peer = known.get(screen);
      const mayComeBack = !peer && performance.now() < this.keepUntil && link.connection.connectionState === "connected";
      if (!mayComeBack && !(peer && link.isWith(peer))) this.part(screen);
    }
    for (const peer of this.peers) {
      if (!this.links.has(peer.screen)) this.links.set(peer.screen, new Link(this.host, peer));
    }
  }

  private part(screen: string): void {
    this.links.get(screen)?.close();
    this.links.delete(screen);
  }

  private look(): void {
    if (this.keepUntil > 0 && performance.now() > this.keepUntil) {
      this.keepUntil = 0;
      this.meet(this.peers);
    }
    for (const link of this.links.values()) link.look();
  }
}

/** The connection with one other screen. */
class Link {
  readonly connection: RTCPeerConnection;
  /** Whether the other has ever had something to send, so that it has devices. */
  hasSent = false;
  private since = performance.now();
  private patience = PATIENCE;
  private up = false;
  /** What the other wants of me, and sends to me. */
  private wants: Name[] = [...NAMES];
  private size: Size = "full";
  private sends: Name[] = [];
  private told = "";
  private work: Promise<void> = Promise.resolve();
  private filled: Promise<void> = Promise.resolve();
  private beginning: ReturnType<typeof setTimeout> | undefined;
  private early: (RTCIceCandidateInit | null)[] = [];

  constructor(private readonly host: Host, private readonly peer: Peer) {
    this.connection = new RTCPeerConnection({ iceServers: host.ice, bundlePolicy: "max-bundle" });
    this.connection.onicecandidate = ({ candidate }) => this.say({ kind: "candidate", candidate: candidate?.toJSON() ?? null });
    this.connection.onconnectionstatechange = () => this.changed();
    this.connection.ontrack = () => this.receive();
    if (!peer.polite) {
      if (host.main || peer.main) this.begin();
      else this.beginning = setTimeout(() => this.begin(), AFTER_THE_LEAD);
    }
    this.update();
  }

  isWith(peer: Peer): boolean {
    return (["era", "endpoint", "give", "take", "polite"] as const).every((what) => this.peer[what] === peer[what]);
  }

  take(payload: Payload): void {
    if (payload["kind"] === "description") this.inTurn(() => this.agree(payload));
    else if (payload["kind"] === "candidate") this.inTurn(() => this.consider(payload["candidate"] as RTCIceCandidateInit | null));
    else if (payload["kind"] === "want") {
      this.wants = namesOf(payload["names"]);
      this.sends = namesOf(payload["sends"]);
      if (isSize(payload["size"])) this.size = payload["size"];
      this.hasSent ||= this.sends.length > 0;
      this.update();
    }
  }

  /** What I send and want may be something else than before. */
  update(): void {
    const names = this.peer.take ? wanted(this.host, this.peer) : [];
    const sends = this.peer.give ? sending(this.host) : [];
    const size = sizeOf(this.host.shown, this.peer.endpoint) ?? "small";
    const news = JSON.stringify([names, sends, size]);
    if (news !== this.told) {
      this.told = news;
      this.say({ kind: "want", names, sends, size });
    }
    this.receive();
    this.fill();
  }

  /** Gets a connection that does not work going again. */
  look(): void {
    const { connectionState } = this.connection;
    if (connectionState === "connected") return;
    if (performance.now() - this.since > this.patience) {
      this.patience = Math.min(2 * this.patience, LONGEST_PATIENCE);
      this.mend();
    }
  }

  mend(): void {
    if (this.connection.connectionState === "connected") {
      this.told = "";
      this.update();
      return;
    }
    if (this.peer.polite || this.connection.getTransceivers().length === 0) return; // the other does, or it has not begun
    this.since = performance.now();
    this.connection.restartIce();
    this.inTurn(() => this.offer());
  }

  close(): void {
    clearTimeout(this.beginning);
    this.connection.onconnectionstatechange = null;
    this.connection.close();
    this.host.receive(this.peer.screen, this.peer.endpoint, new Map());
  }

  private get direction(): RTCRtpTransceiverDirection {
    if (this.peer.give) return this.peer.take ? "sendrecv" : "sendonly";
    return this.peer.take ? "recvonly" : "inactive";
  }

  private begin(): void {
    for (const name of NAMES) {
      this.connection.addTransceiver(name === "sound" ? "audio" : "video", { direction: this.direction });
    }
    this.inTurn(() => this.offer());
    this.fill();
  }

  private async offer(): Promise<void> {
    await this.connection.setLocalDescription();
    this.say({ kind: "description", description: this.connection.localDescription?.toJSON() });
  }

  private async agree(payload: Payload): Promise<void> {
    const description = payload["description"] as RTCSessionDescriptionInit;
    if (description.type === "offer" && !this.peer.polite) return;
    await this.connection.setRemoteDescription(description);
    for (const candidate of this.early.splice(0)) await this.connection.addIceCandidate(candidate ?? undefined);
    if (description.type === "offer") {
      for (const transceiver of this.connection.getTransceivers()) transceiver.direction = this.direction;
      await this.connection.setLocalDescription();
      this.say({ kind: "description", description: this.connection.localDescription?.toJSON() });
    }
    this.update();
  }

  private async consider(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (this.connection.remoteDescription === null) this.early.push(candidate);
    else await this.connection.addIceCandidate(candidate ?? undefined);
  }

  /** Descriptions are made and taken one after the other: two offers that overlap would be answered crosswise. */
  private inTurn(work: () => Promise<void>): void {
    this.work = this.work.then(work).catch(() => undefined); // `look` tries again
  }

  /** One after the other, so that what is due last is what is sent in the end. */
  private fill(): void {
    const load = (): Promise<void> =>
      loadAll(this.host, this.connection.getTransceivers(), this.peer.give ? this.wants : [], this.size);
    this.filled = this.filled.then(load).catch(() => undefined);
  }

  private receive(): void {
    const due = wanted(this.host, this.peer);
    const tracks = new Map<Name, MediaStreamTrack>();
    for (const [index, transceiver] of this.connection.getTransceivers().entries()) {
      const name = NAMES[index];
      if (!name || !this.peer.take || !this.sends.includes(name) || !due.includes(name)) continue;
      const { track } = transceiver.receiver;
      if (track.muted) track.onunmute = () => this.receive();
      else tracks.set(name, track);
    }
    this.host.receive(this.peer.screen, this.peer.endpoint, tracks);
  }

  private changed(): void {
    const up = this.connection.connectionState === "connected";
    if (up !== this.up) {
      this.since = performance.now();
      this.patience = PATIENCE;
    }
    this.up = up;
    this.host.line();
  }

  private say(payload: Payload): void {
    this.host.signal({ ...payload, to: this.peer.screen });
  }
}
