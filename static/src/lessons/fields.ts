/** The texts of the open plan: which exist, which has the cursor, in which somebody is composing Chinese. */

import type { Editor } from "@tiptap/core";

import { Field, type FieldOptions } from "./field";
import type { History, Spot } from "./history";
import type { Plan } from "./plan";
import type { Presence } from "./presence";
import type { PlanSync } from "./sync";

/** Editors wake up this far outside the window. */
const NEAR = "900px 0px";
/** ProseMirror hands over a composed word a moment after the browser has said that it is done. */
const COMPOSED_WAIT = 80;

export interface Shared {
  readonly plan: Plan;
  readonly sync: PlanSync;
  readonly presence: Presence;
  readonly history: History;
}

export class Fields {
  /** The text that has the cursor, or had it last. */
  active: Field | null = null;
  private readonly fields = new Map<string, Field>();
  private readonly listeners = new Set<() => void>();
  private readonly near: IntersectionObserver;
  /** In the window or near it, and about to wake up. */
  private readonly sleepy: Field[] = [];
  private waking: ReturnType<typeof setTimeout> | undefined;
  private composingIn: Field | null = null;
  private composedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly shared: Shared) {
    this.near = new IntersectionObserver((entries) => this.approached(entries), { rootMargin: NEAR });
  }

  /** Puts the text into the page, once; it becomes an editor when it comes near the window. */
  add(options: FieldOptions): Field {
    const known = this.fields.get(options.name);
    if (known) return known;
    const field = new Field(options, this);
    this.fields.set(options.name, field);
    this.near.observe(field.dom);
    return field;
  }

  get(name: string): Field | undefined {
    return this.fields.get(name);
  }

  /** The editor that toolbar and menus act on. */
  get editor(): Editor | null {
    return this.active?.editor ?? null;
  }

  get composing(): boolean {
    return this.composingIn !== null;
  }

  isQuiet(field: Field): boolean {
    return this.composingIn === field;
  }

  /** Calls `listener` when the cursor has moved, to another text or in the same one. */
  onSelection(listener: () => void): void {
    this.listeners.add(listener);
  }

  selectionChanged(field: Field): void {
    if (this.active !== field) {
      this.shared.history.pause();
      this.active = field;
    }
    for (const listener of this.listeners) listener();
  }

  /** Opens or closes the pen in all texts. */
  setEditable(editable: boolean): void {
    for (const field of this.fields.values()) field.setEditable(editable);
    for (const listener of this.listeners) listener();
  }

  /** Brings the cursor to where a change was made. */
  goTo(spot: Spot): void {
    this.fields.get(spot.field)?.goTo(spot.cursor);
  }

  compositionStarted(field: Field): void {
    clearTimeout(this.composedTimer);
    this.composingIn = field;
    this.shared.sync.hold(field.name);
    this.shared.history.composing = true;
  }

  compositionEnded(): void {
    clearTimeout(this.composedTimer);
    this.composedTimer = setTimeout(() => this.settle(), COMPOSED_WAIT);
  }

  /** Texts become editors one after the other, those in the window first: the page answers in between. */
  private approached(entries: readonly IntersectionObserverEntry[]): void {
    const inWindow: Field[] = [];
    for (const { isIntersecting, target, boundingClientRect } of entries) {
      const field = this.fields.get((target as HTMLElement).dataset["field"] ?? "");
      if (!isIntersecting || !field) continue;
      const seen = boundingClientRect.top < window.innerHeight && boundingClientRect.bottom > 0;
      (seen ? inWindow : this.sleepy).push(field);
    }
    this.sleepy.unshift(...inWindow);
    if (this.waking === undefined) this.wakeNext();
  }

  private wakeNext(): void {
    this.sleepy.shift()?.wake();
    this.waking = this.sleepy.length > 0 ? setTimeout(() => this.wakeNext()) : undefined;
  }

  private settle(): void {
    const field = this.composingIn;
    if (field?.editor?.view.composing) { this.compositionEnded(); return; }
    this.composingIn = null;
    this.shared.history.composing = false;
    this.shared.sync.release();
    if (field) this.shared.presence.redraw(field.name);
  }
}
