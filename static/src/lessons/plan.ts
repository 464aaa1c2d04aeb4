/** A plan as a shared document: its head, its sections and its steps. Needs no browser. */

import { generateKeyBetween, generateNKeysBetween } from "fractional-indexing";
import * as Y from "yjs";

import { _ } from "../shared/words";
import { STEP_FIELDS, type StepField } from "./schema";

/** Origin of every change that the page itself makes beside the texts; changes of this origin can be undone. */
export const EDIT = Symbol("edit");
/** Origin of changes that must not be undone, though they are mine. */
const FOUNDATION = Symbol("foundation");

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** One step of the lesson as it stands now. Its texts are fragments of their own. */
export interface Step {
  readonly id: string;
  readonly order: string;
  readonly title: string;
  readonly minutes: number | null;
  readonly resources: string;
}

/** What a step starts with. */
export type StepBeginning = Partial<Pick<Step, "title" | "minutes">>;

export const sectionField = (key: string): string => `section:${key}`;
export const stepField = (id: string, field: StepField): string => `step:${id}:${field}`;
export const campusField = (id: string, campus: string): string => `step:${id}:campus:${campus}`;

/** All section keys with their names, in the usual order. */
export function sectionNames(): ReadonlyMap<string, string> {
  return new Map([
    ["standards", _("课标要求")],
    ["textbook", _("教材分析")],
    ["learners", _("学情分析")],
    ["objectives", _("教学目标·核心素养")],
    ["key_points", _("教学重点")],
    ["difficulties", _("教学难点")],
    ["preparation", _("教学准备")],
    ["board", _("板书设计")],
    ["homework", _("作业设计")],
    ["reflection", _("教学反思")],
    ["other", _("其他")],
  ]);
}

/** The names of a step's texts. */
export function stepFieldNames(): Record<StepField, string> {
  return { teacher: _("教师活动"), pupils: _("学生活动"), intent: _("设计意图") };
}

/** Whether a text holds anything a reader would see. */
export function isEmpty(fragment: Y.XmlFragment): boolean {
  return fragment.toArray().every((child) => {
    if (child instanceof Y.XmlText) return child.length === 0;
    return child instanceof Y.XmlElement && ["paragraph", "heading"].includes(child.nodeName) && isEmpty(child);
  });
}

/** An id that nothing had before: of a step, or of a gap that waits for a picture. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export class Plan {
  readonly meta: Y.Map<unknown>;
  readonly stepMap: Y.Map<Y.Map<unknown>>;

  constructor(readonly doc: Y.Doc) {
    this.meta = doc.getMap("meta");
    this.stepMap = doc.getMap("steps");
  }

  get title(): string {
    return text(this.meta.get("title"));
  }

  /** How many lessons the plan takes. */
  get periods(): number {
    return Number(this.meta.get("periods")) || 1;
  }

  /** Minutes of one lesson. */
  get minutes(): number {
    return Number(this.meta.get("minutes")) || 40;
  }

  setMeta(key: "title" | "periods" | "minutes", value: string | number): void {
    if (this.meta.get(key) !== value) this.doc.transact(() => this.meta.set(key, value), EDIT);
  }

  /** The text with that name. Root types come into being by being asked for, the same for everybody. */
  fragment(field: string): Y.XmlFragment {
    return this.doc.getXmlFragment(field);
  }

  /** The steps in their order, those taken away left out. */
  steps(): Step[] {
    return this.allSteps().filter((step) => this.stepMap.get(step.id)?.get("removed") !== true);
  }

  step(id: string): Step | undefined {
    return this.steps().find((step) => step.id === id);
  }

  /** Campuses that have a text of their own in this step. */
  campusesOf(id: string, known: readonly string[]): string[] {
    const prefix = campusField(id, "");
    const codes = new Set(known);
    for (const name of this.doc.share.keys()) if (name.startsWith(prefix)) codes.add(name.slice(prefix.length));
    return [...codes].filter((code) => {
      const name = prefix + code;
      return this.doc.share.has(name) && !isEmpty(this.fragment(name));
    });
  }

  /** Minutes of all steps together. */
  minutesPlanned(): number {
    return this.steps().reduce((sum, step) => sum + (step.minutes ?? 0), 0);
  }

  /**
   * Adds steps after the step `after` (at the end for null) and returns their ids.
   *
   * A step comes into being as taken away and is then brought back in a change of its own: undoing takes it away again, and
   * what others have written in it stays.
   */
  addSteps(after: string | null, beginnings: StepBeginning[]): string[] {
    const ids = beginnings.map(() => newId());
    this.doc.transact(() => {
      const orders = this.freeOrders(after, ids.length);
      ids.forEach((id, index) => {
        const { title = "", minutes = null } = beginnings[index] ?? {};
        const entries: [string, unknown][] = [
          ["order", orders[index]],
          ["title", title],
          ["minutes", minutes],
          ["resources", ""],
          ["removed", true],
        ];
        this.stepMap.set(id, new Y.Map(entries));
      });
    }, FOUNDATION);
    this.setRemoved(ids, false);
    return ids;
  }

  removeStep(id: string): void {
    this.setRemoved([id], true);
  }

  restoreStep(id: string): void {
    this.setRemoved([id], false);
  }

  setStep(id: string, key: "title" | "minutes" | "resources", value: string | number | null): void {
    const step = this.stepMap.get(id);
    if (step && step.get(key) !== value) this.doc.transact(() => step.set(key, value), EDIT);
  }

  /** Moves a step to that place among the steps now shown (0 is the first). */
  moveStep(id: string, place: number): void {
    const others = this.steps().filter((step) => step.id !== id);
    const before = others[place - 1]?.id ?? null;
    this.doc.transact(() => {
      const [order] = before === null ? this.firstOrders(1) : this.freeOrders(before, 1, id);
      this.stepMap.get(id)?.set("order", order);
    }, EDIT);
  }

  private setRemoved(ids: string[], removed: boolean): void {
    this.doc.transact(() => {
      for (const id of ids) this.stepMap.get(id)?.set("removed", removed);
    }, EDIT);
  }

  private allSteps(): Step[] {
    const steps: Step[] = [];
    for (const [id, step] of this.stepMap) {
      if (!(step instanceof Y.Map)) continue;
      const minutes = step.get("minutes");
      steps.push({
        id,
        order: text(step.get("order")),
        title: text(step.get("title")),
        minutes: typeof minutes === "number" ? minutes : null,
        resources: text(step.get("resources")),
      });
    }
    return steps.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
  }

  /** `count` orders before all steps. */
  private firstOrders(count: number): string[] {
    return generateNKeysBetween(null, this.allSteps()[0]?.order ?? null, count);
  }

  /**
   * `count` orders right after the step `after`, as if `ignore` were not there. Steps that two people put in the same place
   * share one order; those behind `after` get new ones, so that there is room.
   */
  private freeOrders(after: string | null, count: number, ignore?: string): string[] {
    const steps = this.allSteps().filter((step) => step.id !== ignore);
    const index = after === null ? steps.length - 1 : steps.findIndex((step) => step.id === after);
    const low = steps[index]?.order ?? null;
    const following = steps.slice(index + 1);
    const crowded = following.filter((step) => low !== null && step.order <= low);
    const high = following[crowded.length]?.order ?? null;
    const orders = generateNKeysBetween(low, high, count);
    let last = orders.at(-1) ?? low;
    for (const step of crowded) {
      last = generateKeyBetween(last, high);
      this.stepMap.get(step.id)?.set("order", last);
    }
    return orders;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export { STEP_FIELDS };
