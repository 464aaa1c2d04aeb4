/** Undo and redo of my own changes, over all texts, the head and the steps of the plan. */

import { defaultDeleteFilter, defaultProtectedNodes, ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { EDIT, type Plan } from "./plan";
import type { Cursor } from "./presence";

const CAPTURE = 500;

/** Where I was in the texts when I changed something. */
export interface Spot {
  readonly field: string;
  readonly cursor: Cursor;
}

export class History {
  private readonly manager: Y.UndoManager;
  private spot: Spot | null = null;

  /** `goTo` shows the person the place that undoing or redoing has just changed. */
  constructor(
    plan: Plan,
    private readonly goTo: (place: Spot | { step: string }) => void,
  ) {
    this.manager = new Y.UndoManager(plan.doc, {
      trackedOrigins: new Set<unknown>([ySyncPluginKey, EDIT]),
      captureTimeout: CAPTURE,
      // An editor opens a transaction whenever its cursor moves; those without a change must not cost what can be redone.
      captureTransaction: (transaction) => transaction.changedParentTypes.size > 0,
      // A paragraph that I made and another writes in is not mine to take back.
      deleteFilter: (item: Y.Item) => defaultDeleteFilter(item, defaultProtectedNodes),
    });
    plan.doc.on("beforeTransaction", (transaction: Y.Transaction) => {
      if (transaction.origin !== EDIT) return;
      this.spot = null;
      this.pause();
    });
    plan.doc.on("afterTransaction", (transaction: Y.Transaction) => {
      if (transaction.origin === EDIT) this.pause();
    });
    this.manager.on("stack-item-added", ({ stackItem }) => stackItem.meta.set("spot", this.spot));
    this.manager.on("stack-item-popped", ({ stackItem, changedParentTypes }) => {
      const spot = stackItem.meta.get("spot") as Spot | null | undefined;
      if (spot) { this.goTo(spot); return; }
      for (const type of changedParentTypes.keys()) {
        const id = (type as Y.AbstractType<unknown>)._item?.parentSub;
        if (type.parent === plan.stepMap && id) { this.goTo({ step: id }); return; }
      }
    });
  }

  undo(): void {
    this.manager.undo();
  }

  redo(): void {
    this.manager.redo();
  }

  get canUndo(): boolean {
    return this.manager.canUndo();
  }

  get canRedo(): boolean {
    return this.manager.canRedo();
  }

  /** The next change to a text starts from here. */
  from(spot: Spot): void {
    this.spot = spot;
  }

  /** The next change is undone apart from those before. */
  pause(): void {
    this.manager.stopCapturing();
  }

  /** While composing, everything is one change: undoing must not bring back half-typed pinyin. */
  set composing(composing: boolean) {
    this.manager.captureTimeout = composing ? Infinity : CAPTURE;
  }

  onChange(listener: () => void): void {
    for (const event of ["stack-item-added", "stack-item-updated", "stack-item-popped", "stack-cleared"] as const) {
      this.manager.on(event, listener);
    }
  }
}
