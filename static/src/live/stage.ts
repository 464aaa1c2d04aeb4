/**
 * What everybody looks at: the page of the slides or the board with what is written on it, a clip over everything, and the pupils'
 * task when nothing else is shown. All screens of a room and the replay have one; `show` may be called with every state.
 */

import { showFormulas } from "../lessons/math";
import { element } from "../shared/dom";
import { Ink, strokesOn } from "./board";
import { ClipView, type ClipKind } from "./clips";
import type { Clip, RunSheetFile, RunSheetStep, State, Stroke, Wave } from "./protocol";
import { BOARD_RATIO, Slides, type Source } from "./slides";

/** The part of the room's state that is seen on the stage. */
export type StageState = Pick<State, "step" | "page" | "clip" | "board" | "strokes">;

export interface StageOptions {
  readonly steps: readonly RunSheetStep[];
  readonly source: Source;
  /** Milliseconds by the server's clock. */
  readonly now: () => number;
  readonly sound?: boolean;
  /** Stands there before the first step. */
  readonly title?: string;
}

type Shows = "page" | "board" | "clip" | "task";

const POINTER_STAYS = 2_000;
const WET_STAYS = 4_000;

export class Stage {
  readonly element = element("div", { class: "stage" });
  /** The slide or board itself; points of strokes and of the pointer are in thousandths of it. */
  readonly surface = element("div", { class: "stage-surface" });
  readonly clip: ClipView;
  private readonly slides: Slides;
  private readonly ink = new Ink("stage-ink");
  private readonly wet = new Ink("stage-ink");
  private readonly pointer = element("span", { class: "stage-pointer", hidden: true });
  private readonly task = element("div", { class: "stage-task", hidden: true });
  private readonly files = new Map<string, RunSheetFile>();
  private readonly wetStrokes = new Map<string, { stroke: Stroke; timer: ReturnType<typeof setTimeout> }>();
  private readonly watching: ResizeObserver;
  private pointerTimer: ReturnType<typeof setTimeout> | undefined;
  private state: StageState | null = null;
  private taskOf: string | null | undefined;

  constructor(private readonly options: StageOptions) {
    for (const file of options.steps.flatMap((step) => step.files)) this.files.set(file.resource, file);
    this.slides = new Slides(options.source, () => this.fit());
    this.clip = new ClipView({
      address: (clip) => options.source(clip.resource, clip.version, 0),
      now: options.now,
      sound: options.sound ?? true,
    });
    this.surface.append(this.slides.element, this.ink.canvas, this.wet.canvas, this.pointer);
    this.element.append(this.surface, this.task, this.clip.element, this.slides.missing);
    this.watching = new ResizeObserver(() => this.fit());
    this.watching.observe(this.element);
  }

  /** What is written on now: "board", "page:<resource>:<number>", or null when nothing can be. */
  get on(): string | null {
    if (!this.state) return null;
    const shows = this.showing(this.state);
    if (shows === "board") return "board";
    return shows === "page" && this.state.page ? `page:${this.state.page.resource}:${this.state.page.number}` : null;
  }

  /** How many pages the slides that are shown have. */
  get pages(): number {
    return this.files.get(this.state?.page?.resource ?? "")?.pages ?? 0;
  }

  show(state: StageState): void {
    this.state = state;
    const shows = this.showing(state);
    if (this.element.dataset["shows"] !== shows) {
      this.element.dataset["shows"] = shows;
      this.surface.hidden = shows === "task";
      this.task.hidden = shows !== "task";
      this.fit();
    }
    this.slides.show(state.page, this.pages);
    const clip = state.clip && this.files.get(state.clip.resource);
    this.clip.show(clip ? state.clip : null, this.kindOf(state.clip), clip?.name ?? "");
    if (shows === "task") this.showTask(state.step);
    this.showInk(state);
  }

  /** Somebody points, `{x, y, on}`, or is drawing, `{stroke}`: gone when it is not renewed. */
  wave(wave: Wave): void {
    if (wave.kind === "stroke") this.draw(wave["stroke"] as Stroke);
    else if (wave["on"] === this.on) this.point(Number(wave["x"]), Number(wave["y"]));
  }

  /** A stroke that is still being drawn; it goes when the finished one of the same id comes, or when it is not renewed. */
  draw(stroke: Stroke): void {
    clearTimeout(this.wetStrokes.get(stroke.id)?.timer);
    const timer = setTimeout(() => this.dry(stroke.id), WET_STAYS);
    this.wetStrokes.set(stroke.id, { stroke, timer });
    this.showWet();
  }

  /** Takes a stroke that was being drawn away. */
  dry(id: string): void {
    clearTimeout(this.wetStrokes.get(id)?.timer);
    if (this.wetStrokes.delete(id)) this.showWet();
  }

  /** Shows where somebody points, in thousandths of the surface. */
  point(x: number, y: number): void {
    clearTimeout(this.pointerTimer);
    this.pointer.hidden = false;
    this.pointer.style.left = `${x / 10}%`;
    this.pointer.style.top = `${y / 10}%`;
    this.pointerTimer = setTimeout(() => (this.pointer.hidden = true), POINTER_STAYS);
  }

  /** Ends for good. */
  close(): void {
    this.watching.disconnect();
    this.clip.stop();
  }

  private kindOf(clip: Clip | null): ClipKind {
    return this.files.get(clip?.resource ?? "")?.kind === "audio" ? "audio" : "video";
  }

  private showing(state: StageState): Shows {
    if (state.clip) return "clip";
    if (state.board) return "board";
    return state.page ? "page" : "task";
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.element;
    const ratio = this.element.dataset["shows"] === "board" ? BOARD_RATIO : this.slides.ratio;
    const width = Math.floor(Math.min(clientWidth, clientHeight * ratio));
    const height = Math.floor(width / ratio);
    this.surface.style.width = `${width}px`;
    this.surface.style.height = `${height}px`;
    this.ink.fit(width, height);
    this.wet.fit(width, height);
  }

  private showTask(id: string | null): void {
    if (this.taskOf === id) return;
    this.taskOf = id;
    const step = this.options.steps.find((each) => each.id === id);
    const words = element("div", { class: "stage-words" });
    words.innerHTML = step?.pupils ?? "";
    this.task.replaceChildren(element("h2", {}, step?.title ?? this.options.title ?? ""), words);
    showFormulas(words);
  }

  private showInk(state: StageState): void {
    const strokes = strokesOn(state.strokes, state.step, this.on);
    for (const stroke of strokes) this.dry(stroke.id);
    this.ink.show(strokes);
    this.showWet();
  }

  private showWet(): void {
    const on = this.on;
    this.wet.show([...this.wetStrokes.values()].map(({ stroke }) => stroke).filter((stroke) => stroke.on === on));
  }
}
