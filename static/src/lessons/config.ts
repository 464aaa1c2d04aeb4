/** What the server tells the writing page. */

import type { Role } from "./sync";

export interface Person {
  readonly id: string | number;
  readonly name: string;
  readonly campus: string;
  readonly color: string;
}

export interface LayoutPlace {
  readonly key: string;
  readonly name: string;
  readonly hint: string;
  readonly required: boolean;
  readonly kind: "text" | "steps" | "meta";
}

export interface Campus {
  readonly code: string;
  readonly name: string;
}

/** A file as it stands in the plan: at a step, or in a text where `step` is empty. */
export interface PlanFile {
  readonly resource: string;
  readonly step: string;
  readonly title: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Whether it can be shown as a picture. */
  readonly picture: boolean;
}

export interface PlanConfig {
  readonly plan: string;
  readonly schema: number;
  readonly role: Role;
  readonly language: string;
  readonly person: Person;
  /** The colours of people, so that two who write together get different ones. */
  readonly colors: readonly string[];
  readonly layout: readonly LayoutPlace[];
  readonly campuses: readonly Campus[];
  readonly urls: { readonly read: string; readonly print: string; readonly markdown: string; readonly list: string; readonly files: string };
  /** The files that stood in the plan when the page was made. */
  readonly files: readonly PlanFile[];
  /** Who may read and who may write, in words. */
  readonly rights: string;
  /** Where the plan stands in the textbook, in words. */
  readonly place: string;
}
