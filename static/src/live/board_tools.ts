/** Writing on the slide or the board, by mouse, finger or pen, and pointing at it. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { COLOUR_NAMES, colourOn, strokesOn, thinned, touches } from "./board";
import type { State, Stroke } from "./protocol";
import type { Room } from "./room";
import type { Stage } from "./stage";

type Tool = Stroke["tool"] | "eraser" | "pointer";

const WAVE_PAUSE = 60;
const MOST_NUMBERS = 3_000;
const REACH = 14;
const PEN_WIDTH = 4;
const TEXT_SIZE = 42;

const TOOLS: readonly { tool: Tool; name: string }[] = [
  { tool: "pointer", name: _("指示") },
  { tool: "pen", name: _("笔") },
  { tool: "marker", name: _("荧光") },
  { tool: "line", name: _("直线") },
  { tool: "rect", name: _("方框") },
  { tool: "ellipse", name: _("圆") },
  { tool: "text", name: _("文字") },
  { tool: "eraser", name: _("擦除") },
];

const COLOUR_WORDS: Readonly<Record<string, () => string>> = {
  ink: () => _("黑白"),
  red: () => _("红"),
  blue: () => _("蓝"),
  green: () => _("绿"),
  amber: () => _("黄"),
};

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(36).padStart(2, "0")).join("").slice(0, 12);
}

export class BoardTools {
  readonly element = element("div", { class: "pen-tools", role: "toolbar", "aria-label": _("书写工具"), hidden: true });
  private tool: Tool | null = null;
  private colour = "red";
  private drawing: Stroke | null = null;
  private waved = 0;
  private readonly mine: { step: string; id: string }[] = [];
  private readonly buttons = new Map<string, HTMLButtonElement>();

  constructor(
    private readonly room: Room,
    private readonly stage: Stage,
    /** Says to the person why something could not be written. */
    private readonly refused: (reason: unknown) => void,
  ) {
    for (const { tool, name } of TOOLS) this.addButton(tool, name, () => this.choose(tool));
    this.element.append(element("hr", {}));
    for (const name of COLOUR_NAMES) this.addColour(name);
    this.element.append(element("hr", {}));
    this.element.append(
      element("button", { type: "button", onclick: () => this.undo() }, icon("arrow-back-up"), _("撤销")),
      element("button", { type: "button", onclick: () => this.wipe() }, _("全擦")),
    );
    this.listen();
  }

  /** Whether the tools are out. */
  get open(): boolean {
    return this.tool !== null;
  }

  /** Takes the tools out with one of them, or puts them away. */
  choose(tool: Tool | null): void {
    this.tool = tool;
    this.element.hidden = tool === null;
    this.stage.surface.classList.toggle("stage-draws", tool !== null);
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(name === tool || name === this.colour));
  }

  /** The colours of the pens are those of the surface. */
  show(): void {
    const on = this.stage.on ?? "board";
    for (const name of COLOUR_NAMES) {
      const dot = this.buttons.get(name)?.firstElementChild;
      if (dot instanceof HTMLElement) dot.style.backgroundColor = colourOn(on, name);
    }
  }

  private addButton(name: string, word: string, press: () => void): HTMLButtonElement {
    const button = element("button", { type: "button", "aria-pressed": "false", onclick: press }, word);
    this.buttons.set(name, button);
    this.element.append(button);
    return button;
  }

  private addColour(name: string): void {
    const word = COLOUR_WORDS[name]?.() ?? name;
    const button = this.addButton(name, "", () => {
      this.colour = name;
      this.choose(this.tool);
    });
    button.setAttribute("aria-label", word);
    button.title = word;
    button.append(element("span", { class: "pen-colour" }));
  }

  private listen(): void {
    const { surface } = this.stage;
    surface.addEventListener("pointerdown", (event) => this.down(event));
    surface.addEventListener("pointermove", (event) => this.move(event));
    surface.addEventListener("pointerup", () => this.up());
    surface.addEventListener("pointercancel", () => this.up());
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.stage.surface.getBoundingClientRect();
    const share = (value: number) => Math.round(Math.max(0, Math.min(1, value)) * 10_000) / 10;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  private down(event: PointerEvent): void {
    const on = this.stage.on;
    if (!this.tool || !on || event.button !== 0 || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    const [x, y] = this.place(event);
    if (this.tool === "text") {
      this.writeAt(x, y, on);
      return;
    }
    this.stage.surface.setPointerCapture(event.pointerId);
    if (this.tool === "eraser") this.erase(x, y);
    else if (this.tool !== "pointer") this.begin(this.tool, on, x, y);
  }

  private begin(tool: Stroke["tool"], on: string, x: number, y: number): void {
    this.drawing = { id: newId(), tool, color: this.colour, width: PEN_WIDTH, points: [x, y, x, y], on };
    this.stage.draw(this.drawing);
  }

  private move(event: PointerEvent): void {
    const [x, y] = this.place(event);
    if (this.tool === "pointer") this.pointAt(x, y);
    else if (this.tool === "eraser" && event.buttons > 0) this.erase(x, y);
    else if (this.drawing) this.goOn(this.drawing, event, x, y);
  }

  private pointAt(x: number, y: number): void {
    this.stage.point(x, y);
    if (this.stage.on && this.mayWave()) this.room.wave({ kind: "pointer", x, y, on: this.stage.on });
  }

  private goOn(drawing: Stroke, event: PointerEvent, x: number, y: number): void {
    const free = drawing.tool === "pen" || drawing.tool === "marker";
    const [startX = 0, startY = 0] = drawing.points;
    const points = free ? [...drawing.points, ...this.newPoints(event)] : [startX, startY, x, y];
    this.drawing = { ...drawing, points };
    this.stage.draw(this.drawing);
    if (this.mayWave()) this.room.wave({ kind: "stroke", stroke: { ...this.drawing, points: thinned(points) } });
    if (points.length < MOST_NUMBERS) return;
    this.up();
    this.begin(drawing.tool, drawing.on, x, y);
  }

  private newPoints(event: PointerEvent): number[] {
    const between = event.getCoalescedEvents();
    return (between.length > 0 ? between : [event]).flatMap((each) => this.place(each));
  }

  private mayWave(): boolean {
    const now = performance.now();
    if (now - this.waved < WAVE_PAUSE) return false;
    this.waved = now;
    return true;
  }

  private up(): void {
    if (!this.drawing) return;
    const stroke = { ...this.drawing, points: thinned(this.drawing.points) };
    this.drawing = null;
    this.keep(stroke);
  }

  private keep(stroke: Stroke): void {
    const step = this.room.state.step ?? "";
    this.mine.push({ step, id: stroke.id });
    // It stays to be seen until it comes back as an event, or is refused.
    const staying = setInterval(() => this.stage.draw(stroke), 2_000);
    this.stage.draw(stroke);
    this.room.do("stroke", { step, stroke }).catch((reason: unknown) => {
      this.stage.dry(stroke.id);
      this.refused(reason);
    }).finally(() => clearInterval(staying));
  }

  private erase(x: number, y: number): void {
    const { state } = this.room;
    for (const stroke of strokesOn(state.strokes, state.step, this.stage.on)) {
      if (touches(stroke, x, y, REACH)) this.remove(stepHolding(state, stroke.id), stroke.id);
    }
  }

  private remove(step: string, id: string): void {
    this.room.do("unstroke", { step, id }).catch(this.refused);
  }

  private undo(): void {
    const last = this.mine.pop();
    if (last) this.remove(last.step, last.id);
  }

  private wipe(): void {
    const { state } = this.room;
    const on = this.stage.on;
    if (!on) return;
    const steps = new Set(strokesOn(state.strokes, state.step, on).map((stroke) => stepHolding(state, stroke.id)));
    for (const step of steps) this.room.do("wipe", { step, on }).catch(this.refused);
  }

  private writeAt(x: number, y: number, on: string): void {
    const { surface } = this.stage;
    surface.querySelector(".pen-text")?.remove();
    const field = element("textarea", { class: "pen-text", rows: 1, maxlength: 200, "aria-label": _("要写的字") });
    field.style.left = `${x / 10}%`;
    field.style.top = `${y / 10}%`;
    field.style.color = colourOn(on, this.colour);
    field.style.fontSize = `${(TEXT_SIZE * surface.clientWidth) / 1000}px`;
    field.addEventListener("input", () => (field.rows = field.value.split("\n").length));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") field.value = "";
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) field.blur();
    });
    field.addEventListener("blur", () => {
      field.remove();
      const text = field.value.trim();
      if (text) this.keep({ id: newId(), tool: "text", color: this.colour, width: TEXT_SIZE, points: [x, y], on, text });
    });
    surface.append(field);
    field.focus();
  }
}

function stepHolding(state: State, id: string): string {
  return Object.keys(state.strokes).find((step) => state.strokes[step]?.some((stroke) => stroke.id === id)) ?? "";
}
