/** What the two ways for sound and pictures have in common. */

import type { Name } from "./devices";
import type { Mode } from "./types";

export type Payload = Record<string, unknown>;

/** The order in which everything is offered, so that either side knows what is what. */
export const NAMES: readonly Name[] = ["sound", "main", "second"];

const PICTURE_BITS = 500_000;
const SOUND_BITS = 40_000;

/** What a way for sound and pictures is given by the page. */
export interface Host {
  readonly ice: RTCIceServer[];
  readonly mode: Mode;
  /** Whether this screen is the lead's side. */
  readonly main: boolean;
  /** Null: the pictures of all have a place. */
  readonly shown: ReadonlySet<string> | null;
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

/** What to ask of somebody in a mode. */
export function wanted(mode: Mode, main: boolean, shown: boolean): Name[] {
  if (mode === 1) return shown ? ["sound", "main", "second"] : ["sound"];
  if (mode === 2) return main ? ["sound", "main"] : ["sound"];
  return mode === 3 ? ["sound"] : [];
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

/** Lets a sender send this track or nothing, and no more of it than a school's line carries. */
export async function load(sender: RTCRtpSender, track: MediaStreamTrack | null): Promise<void> {
  if (sender.track !== track) await sender.replaceTrack(track);
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  const bits = track?.kind === "video" ? PICTURE_BITS : SOUND_BITS;
  if (!track || !encoding || encoding.maxBitrate === bits) return;
  encoding.maxBitrate = bits;
  await sender.setParameters(parameters);
}

export function isName(value: unknown): value is Name {
  return value === "sound" || value === "main" || value === "second";
}

/** The names in what came over the line. */
export function namesOf(value: unknown): Name[] {
  return Array.isArray(value) ? value.filter(isName) : [];
}
