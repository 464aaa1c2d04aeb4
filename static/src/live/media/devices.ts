/** The cameras and the microphone of this screen: asked for once, remembered, and in words when they do not work. */

import { type DeviceKind, deviceSentence, unplugged } from "./words";
import type { Camera, Choice } from "./types";

/** What a screen can send. */
export type Name = "sound" | "main" | "second";

const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 15 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Devices {
  readonly tracks = new Map<Name, MediaStreamTrack>();
  private closed = false;

  /** `changed` hears of every track that comes or goes, `trouble` what is wrong in a sentence. */
  constructor(
    private readonly changed: () => void,
    private readonly trouble: (sentence: string) => void,
  ) {}

  /** Asks for what is to be sent. Never fails: what does not work is told, and the rest goes on. */
  async open({ send, cameras }: Choice): Promise<void> {
    if (send === "none") return;
    const picture = send === "both" && cameras.length > 0;
    const first = cameras[0] ?? "main";
    if (!("mediaDevices" in navigator)) {
      this.trouble(deviceSentence(null, "camera"));
      return;
    }
    if (!(await this.together(picture ? first : null))) {
      await this.take("sound");
      if (picture) await this.take(first);
    }
    if (picture && cameras[1] && (await this.hasAnotherCamera())) await this.take(cameras[1]);
  }

  /** Turns a camera on, or off so that its light goes out. */
  async camera(which: Camera, on: boolean): Promise<void> {
    if (on === this.tracks.has(which)) return;
    if (on) await this.take(which);
    else this.drop(which);
  }

  /** Takes another device from now on, on this computer also next time. */
  async choose(what: Name, device: string): Promise<void> {
    remember(what, device);
    this.drop(what);
    await this.take(what);
  }

  close(): void {
    this.closed = true;
    for (const name of [...this.tracks.keys()]) this.drop(name);
  }

  /** Camera and microphone in one question to the person; false when either is not to be had. */
  private async together(camera: Camera | null): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { ...SOUND, ...chosen("sound") },
        ...(camera ? { video: { ...PICTURE, ...chosen(camera) } } : {}),
      });
      for (const track of stream.getTracks()) this.put(track.kind === "audio" ? "sound" : camera ?? "main", track);
      return true;
    } catch {
      return false;
    }
  }

  private async take(name: Name): Promise<void> {
    try {
      const device = name === "second" && !remembered(name) ? await this.anotherCamera() : chosen(name);
      const stream = await navigator.mediaDevices.getUserMedia(
        name === "sound" ? { audio: { ...SOUND, ...device } } : { video: { ...PICTURE, ...device } },
      );
      for (const track of stream.getTracks()) this.put(name, track);
    } catch (problem) {
      this.trouble(deviceSentence(problem, kindOf(name)));
    }
  }

  /** A room with one camera has no second picture, which is nothing to complain of. */
  private async hasAnotherCamera(): Promise<boolean> {
    return (await listDevices()).filter(({ kind }) => kind === "videoinput").length > 1;
  }

  private async anotherCamera(): Promise<MediaTrackConstraints> {
    const taken = this.tracks.get("main")?.getSettings().deviceId;
    const other = (await listDevices()).find(({ kind, deviceId }) => kind === "videoinput" && deviceId !== taken);
    return other ? { deviceId: { exact: other.deviceId } } : {};
  }

  private put(name: Name, track: MediaStreamTrack): void {
    if (this.closed) {
      track.stop();
      return;
    }
    if (name !== "sound") track.contentHint = "motion";
    track.addEventListener("ended", () => {
      if (this.tracks.get(name) !== track) return;
      this.drop(name);
      this.trouble(unplugged(kindOf(name)));
    });
    this.tracks.set(name, track);
    this.changed();
  }

  private drop(name: Name): void {
    const track = this.tracks.get(name);
    if (!track) return;
    this.tracks.delete(name);
    track.stop();
    this.changed();
  }
}

/** What is plugged in; names are known once the person has allowed the use of one. */
export async function listDevices(): Promise<MediaDeviceInfo[]> {
  return "mediaDevices" in navigator ? navigator.mediaDevices.enumerateDevices() : [];
}

function kindOf(name: Name): DeviceKind {
  return name === "sound" ? "microphone" : "camera";
}

/** `ideal`, so that a device that is gone does not stand in the way of another. */
function chosen(name: Name): MediaTrackConstraints {
  const device = remembered(name);
  return device ? { deviceId: { ideal: device } } : {};
}

function remembered(name: Name): string | null {
  try {
    return localStorage.getItem(`live:device:${name}`);
  } catch {
    return null;
  }
}

function remember(name: Name, device: string): void {
  try {
    localStorage.setItem(`live:device:${name}`, device);
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
}
