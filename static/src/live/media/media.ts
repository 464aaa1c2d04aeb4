/**
 * Sound and pictures of a room: `connect(line, choice)`, see docs/live.md.
 *
 * The server says how they travel, who is heard and who may send; this side asks for the devices, keeps the connections going,
 * and tells the page in words what does not work.
 */

import { _ } from "../../shared/words";
import { Devices, listDevices, type Name } from "./devices";
import { Janus } from "./janus";
import { Mesh } from "./mesh";
import { Meter, reportOf } from "./quality";
import type { Host, Payload, Transport } from "./transport";
import type { Camera, Choice, Media, MediaEvents, MediaKind, MediaState, Mode, SignalLine, Size, Streams } from "./types";
import { whyOf } from "./words";

export type * from "./types";

const MEASURE_EVERY = 5_000;
const ASK_AGAIN = 4_000;
const CAMERAS: readonly Camera[] = ["main", "second"];

/** Takes part in the sound and pictures of a room. Returns at once; what comes is told by events. */
export function connect(line: SignalLine, choice: Choice): Media {
  return new RoomMedia(line, choice);
}

interface Source {
  readonly endpoint: string;
  readonly tracks: ReadonlyMap<Name, MediaStreamTrack>;
}

class RoomMedia implements Media, Host {
  readonly streams = new Map<string, Streams>();
  readonly local: Streams = {};
  state: MediaState = { kind: "none", line: "connecting", why: "", link: "", heard: false };
  mode: Mode = 1;
  ice: RTCIceServer[] = [];
  main = false;
  speaking = false;
  shown: ReadonlyMap<string, Size> | null = null;

  private readonly listeners: { [Name in keyof MediaEvents]: Set<MediaEvents[Name]> } = {
    stream: new Set(), gone: new Set(), state: new Set(), local: new Set(), trouble: new Set(), blocked: new Set(), net: new Set(),
  };
  private readonly era = Math.random().toString(36).slice(2, 12);
  private readonly devices_: Devices;
  private readonly sources = new Map<string, Source>();
  private readonly meter = new Meter();
  private readonly stops: (() => void)[] = [];
  private transport: Transport | null = null;
  private muted = false;
  private heard = new Set<string>();
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(private readonly roomLine: SignalLine, choice: Choice) {
    this.devices_ = new Devices(() => this.devicesChanged(), (sentence) => this.tell("trouble", sentence));
    this.stops.push(roomLine.onSignal((payload) => this.take(payload)), roomLine.onJoined(() => this.hello()));
    const measuring = setInterval(() => void this.measure(), MEASURE_EVERY);
    this.stops.push(() => clearInterval(measuring));
    this.hello();
    // The page adds its listeners first.
    queueMicrotask(() => void this.devices_.open(choice));
  }

  get tracks(): ReadonlyMap<Name, MediaStreamTrack> {
    return this.devices_.tracks;
  }

  on<Name extends keyof MediaEvents>(name: Name, listener: MediaEvents[Name]): () => void {
    this.listeners[name].add(listener);
    return () => this.listeners[name].delete(listener);
  }

  setMode(mode: Mode): void {
    if (mode === this.mode) return;
    this.mode = mode;
    this.transport?.update();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.speak();
  }

  camera(which: Camera, on: boolean): void {
    void this.devices_.camera(which, on);
  }

  show(places: ReadonlyMap<string, Size> | null): void {
    const before = this.shown;
    this.shown = places && new Map(places);
    if (JSON.stringify(before && [...before]) !== JSON.stringify(places && [...places])) this.transport?.update();
  }

  devices(): Promise<MediaDeviceInfo[]> {
    return listDevices();
  }

  choose(what: Camera | "sound", device: string): void {
    void this.devices_.choose(what, device);
  }

  play(element: HTMLMediaElement): void {
    element.play().catch((problem: unknown) => {
      if (problem instanceof DOMException && problem.name === "NotAllowedError") this.tell("blocked");
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.waiting);
    for (const stop of this.stops) stop();
    this.roomLine.signal({ kind: "bye" });
    this.transport?.close();
    this.devices_.close();
    this.is({ line: "off" });
  }

  // --- what a transport is given

  signal(payload: Payload): void {
    if (!this.closed) this.roomLine.signal(payload);
  }

  receive(screen: string, endpoint: string, tracks: ReadonlyMap<Name, MediaStreamTrack>): void {
    if (tracks.size > 0) this.sources.set(screen, { endpoint, tracks: new Map(tracks) });
    else this.sources.delete(screen);
    this.arrange(endpoint);
  }

  line(): void {
    const states = this.transport?.connections.map(({ connectionState }) => connectionState) ?? [];
    if (states.length === 0 || states.includes("connected")) this.is({ line: "connected" });
    else this.is({ line: states.every((state) => state === "new" || state === "connecting") ? "connecting" : "reconnecting" });
  }

  // --- the server's word

  private hello(): void {
    if (this.closed) return;
    this.roomLine.signal({ kind: "hello", era: this.era });
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.hello(), ASK_AGAIN);
  }

  private take(payload: Payload): void {
    switch (payload["kind"]) {
      case "welcome": this.welcome(payload); break;
      case "moved": this.moved(payload); break;
      case "heard": this.hear(payload["endpoints"]); break;
      default:
        if (payload["kind"] === "peers") this.placed(payload);
        this.transport?.take(payload);
    }
  }

  private welcome(payload: Payload): void {
    clearTimeout(this.waiting);
    const kind = payload["how"] as MediaKind;
    const link = typeof payload["link"] === "string" ? payload["link"] : "";
    this.ice = (payload["ice"] ?? []) as RTCIceServer[];
    this.main = payload["main"] === true;
    this.hear(payload["heard"]);
    if (this.transport && kind === this.state.kind && payload["fresh"] !== true) {
      this.transport.again(payload);
    } else {
      this.transport?.close();
      this.transport = kind === "mesh" ? new Mesh(this, payload) : kind === "janus" ? new Janus(this, payload) : null;
    }
    this.is({ kind, link });
    this.placed(payload);
    this.transport?.update();
    this.line();
  }

  /** The room goes on another way. */
  private moved(payload: Payload): void {
    this.transport?.close();
    this.transport = null;
    this.is({ kind: payload["how"] as MediaKind, line: "reconnecting", why: whyOf(String(payload["why"])) });
    this.hello();
  }

  private placed(payload: Payload): void {
    const full = _("直接传送的名额已满，这块屏幕没有画面，课件和课堂流程照常。");
    if (payload["full"] === true) this.is({ why: full });
    else if (this.state.why === full) this.is({ why: "" });
  }

  private hear(endpoints: unknown): void {
    this.heard = new Set(Array.isArray(endpoints) ? (endpoints as string[]) : []);
    for (const [endpoint, { main }] of this.streams) {
      for (const track of main?.getAudioTracks() ?? []) track.enabled = this.heard.has(endpoint);
    }
    this.speak();
  }

  // --- what the page is given

  /** Whoever is not heard sends no sound: the room's word, not the other ends', keeps a microphone closed. */
  private speak(): void {
    const sound = this.tracks.get("sound");
    const before = this.speaking;
    this.speaking = !this.muted && this.heard.has(this.roomLine.endpoint);
    if (sound) sound.enabled = this.speaking;
    if (this.speaking !== before) this.transport?.update();
    this.is({ heard: this.speaking && sound !== undefined });
  }

  private devicesChanged(): void {
    for (const camera of CAMERAS) {
      const tracks = [this.tracks.get(camera), camera === "main" ? this.tracks.get("sound") : undefined];
      fit(this.local, camera, tracks);
    }
    this.speak();
    this.tell("local", this.local);
    this.transport?.update();
  }

  /** Puts together what the screens of an endpoint send. */
  private arrange(endpoint: string): void {
    const sources = [...this.sources.values()].filter((source) => source.endpoint === endpoint);
    const due = dueOf(sources.map(({ tracks }) => tracks));
    for (const track of due.main) if (track?.kind === "audio") track.enabled = this.heard.has(endpoint);
    const streams = this.streams.get(endpoint) ?? {};
    this.streams.set(endpoint, streams);
    for (const camera of CAMERAS) {
      if (!fit(streams, camera, due[camera])) continue;
      const stream = streams[camera];
      if (stream) this.tell("stream", endpoint, camera, stream);
      else this.tell("gone", endpoint, camera);
    }
    if (!streams.main && !streams.second) this.streams.delete(endpoint);
  }

  private is(news: Partial<MediaState>): void {
    const state = { ...this.state, ...news };
    if (JSON.stringify(state) === JSON.stringify(this.state)) return;
    this.state = state;
    this.tell("state", state);
  }

  private async measure(): Promise<void> {
    const { connections, telling } = this.transport ?? { connections: [], telling: [] };
    const measured = await this.meter.measure(connections, telling).catch(() => null);
    if (measured && !this.closed) this.tell("net", reportOf(measured, this.mode));
  }

  private tell<Name extends keyof MediaEvents>(name: Name, ...given: Parameters<MediaEvents[Name]>): void {
    for (const listener of this.listeners[name]) (listener as (...given: Parameters<MediaEvents[Name]>) => void)(...given);
  }
}

/** What the page gets of an endpoint's screens: the sound comes from the one that sends the first picture. */
function dueOf(sources: readonly ReadonlyMap<Name, MediaStreamTrack>[]): Record<Camera, (MediaStreamTrack | undefined)[]> {
  const sender = (name: Name): ReadonlyMap<Name, MediaStreamTrack> | undefined => sources.find((tracks) => tracks.has(name));
  const first = sender("main");
  const voice = first?.has("sound") ? first : sender("sound");
  return { main: [first?.get("main"), voice?.get("sound")], second: [sender("second")?.get("second")] };
}

/** Lets a stream consist of exactly these tracks; whether that is something new. One without any is not there. */
function fit(streams: Streams, camera: Camera, given: readonly (MediaStreamTrack | undefined)[]): boolean {
  const tracks = given.filter((track) => track !== undefined);
  const stream = streams[camera];
  if (tracks.length === 0) {
    if (camera === "main") delete streams.main;
    else delete streams.second;
    return stream !== undefined;
  }
  if (!stream) {
    streams[camera] = new MediaStream(tracks);
    return true;
  }
  const before = stream.getTracks();
  const less = before.filter((track) => !tracks.includes(track));
  const more = tracks.filter((track) => !before.includes(track));
  for (const track of less) stream.removeTrack(track);
  for (const track of more) stream.addTrack(track);
  return less.length + more.length > 0;
}
