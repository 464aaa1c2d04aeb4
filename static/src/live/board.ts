/**
 * What is written over a slide or on the board: strokes, and how they are painted.
 *
 * Points are in thousandths of the surface's width and height, widths in thousandths of its width: a stroke looks the same on every screen.
 */

import type { Stroke } from "./protocol";

/** The colours by name: chalk on the dark board, ink on the white page. */
const COLOURS: Record<string, { readonly board: string; readonly page: string }> = {
  ink: { board: "#f4f1e6", page: "#22282b" },
  red: { board: "#ff9d8a", page: "#c8321f" },
  blue: { board: "#8fc7ff", page: "#1f5fbf" },
  green: { board: "#8fdc9c", page: "#1d7f3f" },
  amber: { board: "#ffd76a", page: "#e08a00" },
};

export const COLOUR_NAMES = Object.keys(COLOURS);
const SIDE = 1000;

/** The colour of that name on a surface; anything else counts as a colour itself. */
export function colourOn(on: string, name: string): string {
  const known = COLOURS[name];
  return known ? known[on === "board" ? "board" : "page"] : name;
}

/** The strokes that stand on a surface now: the board is each step's own, a page keeps what was written on it in any step. */
export function strokesOn(strokes: Readonly<Record<string, readonly Stroke[]>>, step: string | null, on: string | null): Stroke[] {
  if (on === null) return [];
  const lists = on === "board" ? [strokes[step ?? ""] ?? []] : Object.values(strokes);
  return lists.flat().filter((stroke) => stroke.on === on);
}

/** Points without those that lie closer than `least` to the one before; the last always stays. */
export function thinned(points: readonly number[], least = 1.5): number[] {
  const kept = points.slice(0, 2);
  for (let at = 2; at + 1 < points.length; at += 2) {
    const [x = 0, y = 0] = points.slice(at, at + 2);
    const far = Math.hypot(x - (kept[kept.length - 2] ?? 0), y - (kept[kept.length - 1] ?? 0)) >= least;
    if (far || at + 2 >= points.length) kept.push(x, y);
  }
  return kept;
}

/** Whether a stroke comes as near as `reach` to a point, as the eraser asks. */
export function touches(stroke: Stroke, x: number, y: number, reach: number): boolean {
  const { points } = stroke;
  if (stroke.tool === "text") return touchesText(stroke, x, y, reach);
  const path = stroke.tool === "rect" || stroke.tool === "ellipse" ? outline(points) : points;
  if (path.length < 4) return Math.hypot((path[0] ?? 0) - x, (path[1] ?? 0) - y) <= reach;
  for (let at = 0; at + 3 < path.length; at += 2) {
    if (distance(path.slice(at, at + 4), x, y) <= reach) return true;
  }
  return false;
}

function touchesText({ points, text = "", width }: Stroke, x: number, y: number, reach: number): boolean {
  const [left = 0, top = 0] = points;
  const lines = text.split("\n");
  const right = left + Math.max(...lines.map((line) => line.length)) * width;
  return x >= left - reach && x <= right + reach && y >= top - reach && y <= top + lines.length * width * 2.4 + reach;
}

function outline([left = 0, top = 0, right = 0, bottom = 0]: readonly number[]): number[] {
  return [left, top, right, top, right, bottom, left, bottom, left, top];
}

function distance([ax = 0, ay = 0, bx = 0, by = 0]: readonly number[], x: number, y: number): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y);
}

function pathOf(stroke: Stroke, across: number, down: number): Path2D {
  const path = new Path2D();
  const at = (index: number): [number, number] => [(stroke.points[index] ?? 0) * across, (stroke.points[index + 1] ?? 0) * down];
  const [startX, startY] = at(0);
  const [endX, endY] = at(stroke.points.length - 2);
  if (stroke.tool === "rect") path.rect(startX, startY, endX - startX, endY - startY);
  else if (stroke.tool === "ellipse") {
    path.ellipse((startX + endX) / 2, (startY + endY) / 2, Math.abs(endX - startX) / 2, Math.abs(endY - startY) / 2, 0, 0, 2 * Math.PI);
  } else {
    path.moveTo(startX, startY);
    for (let index = 2; index < stroke.points.length - 2; index += 2) {
      const [x, y] = at(index);
      const [nextX, nextY] = at(index + 2);
      path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    path.lineTo(endX, endY);
  }
  return path;
}

/** Paints one stroke on a canvas of that size in pixels. */
export function paint(canvas: CanvasRenderingContext2D, stroke: Stroke, width: number, height: number): void {
  const colour = colourOn(stroke.on, stroke.color);
  const unit = width / SIDE;
  canvas.save();
  if (stroke.tool === "text") {
    const size = stroke.width * unit;
    canvas.fillStyle = colour;
    canvas.textBaseline = "top";
    canvas.font = `${size}px ${getComputedStyle(canvas.canvas).fontFamily}`;
    const [x = 0, y = 0] = stroke.points;
    for (const [line, text] of (stroke.text ?? "").split("\n").entries()) {
      canvas.fillText(text, x * unit, (y / SIDE) * height + line * size * 1.35);
    }
  } else {
    const marker = stroke.tool === "marker";
    canvas.globalAlpha = marker ? 0.38 : 1;
    canvas.strokeStyle = colour;
    canvas.lineWidth = stroke.width * unit * (marker ? 5 : 1);
    canvas.lineCap = "round";
    canvas.lineJoin = "round";
    canvas.stroke(pathOf(stroke, unit, height / SIDE));
  }
  canvas.restore();
}

/** A canvas over a surface that holds strokes and paints no more of them than it must. */
export class Ink {
  readonly canvas = document.createElement("canvas");
  private shown: readonly Stroke[] = [];

  constructor(name: string) {
    this.canvas.className = name;
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** The canvas has become so many CSS pixels large. */
  fit(width: number, height: number): void {
    const density = Math.min(window.devicePixelRatio || 1, 2);
    const size = [Math.round(width * density), Math.round(height * density)] as const;
    if (this.canvas.width === size[0] && this.canvas.height === size[1]) return;
    [this.canvas.width, this.canvas.height] = size;
    this.paintAll();
  }

  show(strokes: readonly Stroke[]): void {
    const grown = strokes.length >= this.shown.length && this.shown.every((stroke, index) => stroke === strokes[index]);
    const fresh = strokes.slice(this.shown.length);
    this.shown = strokes;
    if (!grown) this.paintAll();
    else this.paintThese(fresh);
  }

  private paintAll(): void {
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.paintThese(this.shown);
  }

  private paintThese(strokes: readonly Stroke[]): void {
    const context = this.canvas.getContext("2d");
    if (!context || this.canvas.width === 0) return;
    for (const stroke of strokes) paint(context, stroke, this.canvas.width, this.canvas.height);
  }
}
