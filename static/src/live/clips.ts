/** A sound or a film over the whole stage, at the same second on all screens. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { Clip } from "./protocol";

export type ClipKind = "audio" | "video";

const FAR_OFF = 0.5;
const LOOK_AGAIN = 2_000;
/** A slow line that is still loading is not made slower by seeking again and again. */
const SEEK_PAUSE = 4_000;

/** The second at which a clip should be now. */
export function secondOf(clip: Clip, now: number): number {
  return Math.max(0, clip.playing ? clip.at + (now - clip.since) / 1000 : clip.at);
}

interface ClipOptions {
  /** The address of a clip. */
  readonly address: (clip: Clip) => Promise<string>;
  readonly now: () => number;
  /** False on a screen beside another that gives the sound. */
  readonly sound: boolean;
}

export class ClipView {
  readonly element = element("div", { class: "stage-clip", hidden: true });
  private clip: Clip | null = null;
  private media: HTMLMediaElement | null = null;
  private sought = 0;
  private readonly again: HTMLButtonElement;

  constructor(private readonly options: ClipOptions) {
    this.again = element("button", { type: "button", class: "stage-again", hidden: true, onclick: () => this.play() }, _("点一下屏幕继续"));
    const looking = setInterval(() => {
      if (this.element.isConnected) this.keepStep();
    }, LOOK_AGAIN);
    this.stop = () => clearInterval(looking);
  }

  /** Ends for good. */
  readonly stop: () => void;

  /** Seconds of the whole clip, and where it is; null when there is none or it is not known yet. */
  get place(): { at: number; length: number } | null {
    if (!this.media || !Number.isFinite(this.media.duration)) return null;
    return { at: this.media.currentTime, length: this.media.duration };
  }

  show(clip: Clip | null, kind: ClipKind, name: string): void {
    const same = clip !== null && this.clip?.resource === clip.resource && this.clip.version === clip.version;
    this.clip = clip;
    this.element.hidden = clip === null;
    if (!same) this.load(clip, kind, name);
    this.keepStep();
  }

  private load(clip: Clip | null, kind: ClipKind, name: string): void {
    this.media?.pause();
    this.media = null;
    this.again.hidden = true;
    this.element.replaceChildren();
    if (!clip) return;
    const shown = document.createElement(kind);
    this.listenTo(shown);
    if (kind === "audio") {
      this.element.append(element("div", { class: "stage-sound" }, icon("volume"), element("p", {}, name)));
    }
    this.element.append(shown, this.again);
    this.options.address(clip).then(
      (address) => (shown.src = address),
      () => this.element.append(element("p", { class: "stage-missing" }, _("“{name}”还没有取到。课件和讲解不受影响。", { name }))),
    );
  }

  private listenTo(media: HTMLMediaElement): void {
    this.media = media;
    media.preload = "auto";
    media.muted = !this.options.sound;
    if (media instanceof HTMLVideoElement) media.playsInline = true;
    media.addEventListener("loadedmetadata", () => this.keepStep());
  }

  private keepStep(): void {
    const { media, clip } = this;
    if (!media || !clip || media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const wanted = Math.min(secondOf(clip, this.options.now()), media.duration);
    this.seek(media, wanted, clip.playing);
    const playing = clip.playing && wanted < media.duration;
    if (playing && media.paused) this.play();
    else if (!clip.playing) media.pause();
  }

  private seek(media: HTMLMediaElement, wanted: number, playing: boolean): void {
    const now = performance.now();
    if (Math.abs(media.currentTime - wanted) <= FAR_OFF || (playing && now - this.sought < SEEK_PAUSE)) return;
    this.sought = now;
    media.currentTime = wanted;
  }

  private play(): void {
    void this.media?.play().then(
      () => (this.again.hidden = true),
      (problem: unknown) => (this.again.hidden = !(problem instanceof DOMException && problem.name === "NotAllowedError")),
    );
  }
}
