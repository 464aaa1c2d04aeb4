/** A file on its way into the plan, as the place where it will stand shows it. The tray of uploads shows it too. */

import { upload } from "../library/uploads";
import { _ } from "../shared/words";
import { config } from "./opening";
import { planFiles } from "./plan_files";

/** Where in the plan the file goes: to a step, or into the gap in a text that has this name. */
export interface Goal {
  readonly step?: string;
  readonly picture?: string;
}

export class Sending {
  /** From 0 to 1. */
  share = 0;
  /** Why it does not arrive, as a sentence; null while it may. */
  trouble: string | null = null;
  /** The resource it has become. */
  resource: string | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly file: File,
    private readonly goal: Goal,
    private readonly title?: string,
  ) {}

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends it, or tries again after trouble. */
  async start(): Promise<void> {
    this.share = 0;
    this.trouble = null;
    this.changed();
    const about = { plan: config.plan, kind: "material", ...this.goal, ...(this.title ? { title: this.title } : {}) };
    try {
      const { code } = await upload(this.file, about, (share) => {
        this.share = share;
        this.changed();
      });
      await planFiles.reload();
      this.resource = code;
    } catch (problem) {
      this.trouble = problem instanceof Error && problem.message ? problem.message : _("没有传上去，请再试一次。");
    }
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** How far it has come, to be drawn beside its name; read out as a progress bar. */
export function shareInWords(share: number): string {
  return `${Math.floor(share * 100)}%`;
}

/** A size in bytes for people. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}
