/** The files that stand in the open plan: pictures in its texts, files at its steps. All of them are resources of the library. */

import { _ } from "../shared/words";
import type { PlanFile } from "./config";
import { config, line } from "./opening";

/** A resource that can be put into the plan. */
export interface Choice {
  readonly resource: string;
  readonly title: string;
  readonly owner: string;
}

export interface Choices {
  readonly resources: readonly Choice[];
  readonly page: number;
  readonly pages: number;
}

/** What the server answers; fails with the sentence that it says to people. */
async function ask<Answer>(address: string, sent?: Record<string, string>): Promise<Answer> {
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
  const request: RequestInit = { headers: { Accept: "application/json", "X-CSRFToken": token } };
  if (sent) Object.assign(request, { method: "POST", body: new URLSearchParams(sent) });
  let answer: Response;
  try {
    answer = await fetch(address, request);
  } catch {
    throw new Error(_("网络断开了，请稍后再试。"));
  }
  const said = (await answer.json()) as Answer & { message?: string };
  if (!answer.ok) throw new Error(said.message ?? _("刚才的操作没有完成，请再试一次。"));
  return said;
}

class PlanFiles {
  private readonly listeners = new Set<() => void>();

  constructor(private files: readonly PlanFile[]) {
    line.on("files", (plan: string) => {
      if (plan === config.plan) void this.reload();
    });
    // What happened while the line was down was told to nobody.
    line.io.on("reconnect", () => void this.reload());
  }

  /** Calls `listener` whenever other files stand in the plan. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  has(resource: string): boolean {
    return this.files.some((file) => file.resource === resource);
  }

  atStep(step: string): PlanFile[] {
    return this.files.filter((file) => file.step === step);
  }

  address(resource: string): string {
    return `${config.urls.files}/${encodeURIComponent(resource)}`;
  }

  async reload(): Promise<void> {
    try {
      this.take(await ask(config.urls.files));
    } catch {
      // The line is down: the next news of it brings the list along.
    }
  }

  /** Puts a resource into the plan: at a step, or into its texts. Fails with a sentence. */
  async attach(resource: string, step = ""): Promise<void> {
    this.take(await ask(`${this.address(resource)}/attach`, { step }));
  }

  /** Takes a resource away from a step. Fails with a sentence. */
  async detach(resource: string, step: string): Promise<void> {
    this.take(await ask(`${this.address(resource)}/detach`, { step }));
  }

  /** Resources whose titles hold the words, page by page. Fails with a sentence. */
  choices(words: string, page: number): Promise<Choices> {
    return ask(`${config.urls.files}/choices?${new URLSearchParams({ words, page: String(page) }).toString()}`);
  }

  private take({ files }: { files: readonly PlanFile[] }): void {
    this.files = files;
    for (const listener of this.listeners) listener();
  }
}

export const planFiles = new PlanFiles(config.files);
