/** What the two ways for sound and pictures have in common. */

import type { Name } from "./devices";
import type { Mode, Size } from "./types";

export type Payload = Record<string, unknown>;

/** The order in which everything is offered, so that either side knows what is what. */
export const NAMES: readonly Name[] = ["sound", "main", "second"];

const SOUND = { maxBitrate: 40_000 };
const PICTURES = {
  full: { maxBitrate: 500_000, maxFramerate: 15, scaleResolutionDownBy: 1 },
  small: { maxBitrate: 150_000, maxFramerate: 15, scaleResolutionDownBy: 2 },
};

/**
 * So many milliseconds before a picture grows its sender may send more: the browser finds out what the line carries. One that grows
 * before that is made small again by the browser, for ten seconds and more.
 */
const TRY_THE_LINE = 500;

/** What a way for sound and pictures is given by the page. */
export interface Host {
  readonly ice: RTCIceServer[];
  readonly mode: Mode;
  /** Whether this screen is the lead's side. */
  readonly main: boolean;
  /** Whether this screen's microphone is heard. */
  readonly speaking: boolean;
  /** Null: the pictures of all have a full place. */
  readonly shown: ReadonlyMap<string, Size> | null;
  readonly tracks: ReadonlyMap<Name, MediaStreamTrack>;
  signal(payload: Payload): void;
  /** What a screen of an endpoint sends now; an empty map when it is gone. */
  receive(screen: string, endpoint: string, tracks: ReadonlyMap<Name, MediaStreamTrack>): void;
  /** A connection stands otherwise than before. */
  line(): void;
}

export interface Transport {
  take(payload: Payload): void;
  /** The welcome after the line was lost: what is connected stays. */
  again(welcome: Payload): void;
  /** Other devices, another mode, other places on the screen. */
  update(): void;
  readonly connections: readonly RTCPeerConnection[];
  /**
   * Those of them that would stand if the line were good. Not every one would: a browser that was not allowed any device hides its
   * addresses, and then nobody may find it.
   */
  readonly telling: readonly RTCPeerConnection[];
  close(): void;
}

/** Somebody of whom something may be asked. */
export interface End {
  readonly endpoint: string;
  readonly main: boolean;
}

/** What to ask of somebody: what the mode lets through and has a place. */
export function wanted({ mode, shown }: Host, { endpoint, main }: End): Name[] {
  if (mode > 3) return [];
  if (mode === 3 || !sizeOf(shown, endpoint)) return ["sound"];
  if (mode === 2) return main ? ["sound", "main"] : ["sound"];
  return [...NAMES];
}

/** How large the place of somebody's pictures is; undefined: there is none. */
export function sizeOf(shown: Host["shown"], endpoint: string): Size | undefined {
  return shown ? shown.get(endpoint) : "full";
}

/** What to send in a mode. */
export function sent(mode: Mode, main: boolean): Name[] {
  if (mode === 1 || (mode === 2 && main)) return [...NAMES];
  return mode <= 3 ? ["sound"] : [];
}

/** What is sent right now: devices that there are, as far as the mode lets them. */
export function sending(host: Host): Name[] {
  return sent(host.mode, host.main).filter((name) => host.tracks.has(name));
}

/** Lets these places of a connection send what is due: what this end sends at all, is asked for, and of sound only what is heard. */
export async function loadAll(host: Host, transceivers: readonly RTCRtpTransceiver[], asked: readonly Name[], size: Size): Promise<void> {
  const due = sending(host).filter((name) => asked.includes(name) && (name !== "sound" || host.speaking));
  const tracks = NAMES.map((name) => (due.includes(name) ? host.tracks.get(name) ?? null : null));
  await Promise.all(transceivers.map(({ sender }, index) => load(sender, tracks[index] ?? null, size)));
}

/** Lets a sender send this track or nothing, and no more of it than its place needs and a school's line carries. */
async function load(sender: RTCRtpSender, track: MediaStreamTrack | null, size: Size): Promise<void> {
  if (track?.kind === "audio") await limit(sender, SOUND);
  if (track?.kind === "video") {
    const due = PICTURES[size];
    const before = sender.getParameters().encodings[0]?.scaleResolutionDownBy;
    if (sender.track && before !== undefined && before > due.scaleResolutionDownBy) {
      await limit(sender, { maxBitrate: due.maxBitrate });
      await new Promise((tried) => setTimeout(tried, TRY_THE_LINE));
    }
    await limit(sender, due);
  }
  if (sender.track !== track) await sender.replaceTrack(track);
}

async function limit(sender: RTCRtpSender, due: RTCRtpEncodingParameters): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  if (!encoding || isSubset(due, encoding)) return;
  Object.assign(encoding, due);
  await sender.setParameters(parameters);
}

function isSubset(some: object, all: object): boolean {
  return JSON.stringify({ ...all, ...some }) === JSON.stringify(all);
}

export function isSize(value: unknown): value is Size {
  return value === "small" || value === "full";
}

export function isName(value: unknown): value is Name {
  return value === "sound" || value === "main" || value === "second";
}

/** The names in what came over the line. */
export function namesOf(value: unknown): Name[] {
  return Array.isArray(value) ? value.filter(isName) : [];
}
