/**
 * Records what the main classroom sends, in parts of a few seconds that go to the server while the lesson runs.
 *
 * `startRecording(room, stream)` begins at once; nothing that goes wrong here stops the lesson. A page that was loaded again begins a new
 * take of the same recording, and what the old page had not sent goes first.
 */

import { _ } from "../shared/words";
import { RecordingParts } from "./recording_parts";
import type { Room } from "./room";

/** `recording`; `sending` what is left after the end; `done`; `failed` with a sentence; `elsewhere` with one, for another computer records. */
export type RecorderPhase = "recording" | "sending" | "done" | "failed" | "elsewhere";

const PART_MILLISECONDS = 5_000;
const PICTURE_BITS = 1_200_000;
const SOUND_BITS = 64_000;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SOUND_TYPES = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"];

/** Whether this browser can record at all. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && TYPES.some((type) => MediaRecorder.isTypeSupported(type));
}

export class Recorder extends EventTarget {
  phase: RecorderPhase = "recording";
  private why = "";
  private parts: RecordingParts | null = null;
  private media: MediaRecorder | null = null;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly room: Room,
    private stream: MediaStream,
    private readonly consent: boolean,
  ) {
    super();
    this.begin().catch(() => this.fail(_("这台电脑的浏览器不能录像，课堂记录照常保存。")));
  }

  /** How it stands, for the person in front of the screen. */
  get words(): string {
    const percent = this.parts?.percent ?? 100;
    if (this.phase === "failed" || this.phase === "elsewhere") return this.why;
    if (this.phase === "done") return _("录像已上传");
    if (this.phase === "sending") return _("录像已停，正在上传 {percent} %", { percent });
    return percent < 90 ? _("录制中，已上传 {percent} %", { percent }) : _("录制中");
  }

  /** Why nothing is being uploaded at the moment; empty while all is well. */
  get trouble(): string {
    return this.parts?.trouble ?? "";
  }

  /** Goes on with other sound and pictures, after a camera was changed. */
  replace(stream: MediaStream): void {
    this.stream = stream;
    if (this.phase !== "recording") return;
    this.media?.stop();
    this.record();
  }

  /** Ends the recording; fulfilled once the server has everything. */
  async stop(): Promise<void> {
    if (this.phase !== "recording") return;
    this.to("sending");
    const media = this.media;
    if (media && media.state !== "inactive") {
      const stopped = new Promise((resolve) => media.addEventListener("stop", resolve, { once: true }));
      media.stop();
      await stopped;
    }
    await this.sendTheRest("off", "");
    this.to("done");
  }

  private async begin(): Promise<void> {
    if (!(await this.claim())) return;
    this.parts = await RecordingParts.open(this.room.session, () => this.changed(), this.type(), this.consent);
    if (this.phase === "recording") this.record();
  }

  /** One screen records at a time, and the server knows which: false when it is another. */
  private async claim(): Promise<boolean> {
    try {
      this.watch(await this.room.do("recording", { state: "on", why: "" }));
      return true;
    } catch (refusal) {
      this.giveWay(refusal instanceof Error ? refusal.message : "", this.room.now());
      return false;
    }
  }

  /** While this screen had no line another may have gone on, or it may have been given up: event `claimed` says that it records. */
  private watch(claimed: number): void {
    let since: number | null = null;
    const stop = this.room.subscribe(({ seq, recording }) => {
      if (seq < claimed) return;
      since ??= recording.since;
      if (this.phase === "recording" && recording.since === since) return;
      stop();
      if (this.phase !== "recording") return;
      if (recording.state !== "on") void this.claim();
      else this.giveWay(_("断线时另一台电脑接着录了，这里的录像停在那时。"), recording.since ?? this.room.now());
    });
  }

  /** Another computer records: what it has too, from `since` on, is not sent. */
  private giveWay(why: string, since: number): void {
    this.why = why;
    this.to("elsewhere");
    if (this.media && this.media.state !== "inactive") this.media.stop();
    void this.keeping.then(() => this.parts?.forgetFrom(since));
  }

  private record(): void {
    const media = new MediaRecorder(this.stream, {
      mimeType: this.type(), videoBitsPerSecond: PICTURE_BITS, audioBitsPerSecond: SOUND_BITS,
    });
    const took = Math.round(this.room.now());
    let index = 0;
    let at = took;
    media.ondataavailable = ({ data }) => {
      if (data.size === 0 || this.phase === "elsewhere") return;
      const part = { took, index, at, data };
      index += 1;
      at = Math.round(this.room.now());
      this.keeping = this.keeping.then(() => this.parts?.add(part)).catch(() => this.fail(_("这台电脑的磁盘满了，录像停了，课堂记录照常保存。")));
    };
    media.onerror = () => this.fail(_("录像出错停了，课堂记录照常保存。"));
    media.onstop = () => {
      if (this.media === media && this.phase === "recording") this.fail(_("摄像头或麦克风断开，录像停了，课堂记录照常保存。"));
    };
    this.media = media;
    media.start(PART_MILLISECONDS);
  }

  private type(): string {
    const types = this.stream.getVideoTracks().length > 0 ? TYPES : SOUND_TYPES;
    return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
  }

  private fail(why: string): void {
    if (this.phase === "failed" || this.phase === "elsewhere") return;
    this.why = why;
    this.to("failed");
    if (this.media && this.media.state !== "inactive") this.media.stop();
    void this.sendTheRest("failed", why);
  }

  /** Everything has been sent only when the room knows that this screen has stopped: another may have begun since, and goes on with the same recording. */
  private async sendTheRest(state: "off" | "failed", why: string): Promise<void> {
    await this.room.do("recording", { state, why }).catch(() => undefined);
    await this.keeping;
    await this.parts?.end();
  }

  private to(phase: RecorderPhase): void {
    this.phase = phase;
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

/** Begins to record; a `change` event tells that `phase` or `words` are others. `consent`: everybody who is seen has agreed. */
export function startRecording(room: Room, stream: MediaStream, consent = false): Recorder {
  return new Recorder(room, stream, consent);
}
