/**
 * The parts of a recording on their way to the server: kept in IndexedDB until the server has each of them, sent in their order, again
 * and again while the line is down. What a page left behind goes on with the next page that opens them.
 */

import { _ } from "../shared/words";

export interface Part {
  /** When the recorder began and the part begins, by the server's clock in milliseconds. */
  readonly took: number;
  readonly index: number;
  readonly at: number;
  readonly data: Blob;
}

interface Said {
  readonly recording?: string;
  readonly message?: string;
}

const WAITS = [1_000, 2_000, 5_000, 10_000, 20_000];

class Refused extends Error {}

export class RecordingParts {
  sent = 0;
  /** Bytes that wait in this browser. */
  waiting = 0;
  /** Why it does not go on, in a sentence; empty while it does. */
  trouble = "";
  private recording = "";
  private sending: Promise<void> | null = null;
  private woken: () => void = () => undefined;

  private constructor(
    private readonly database: IDBDatabase,
    private readonly address: string,
    private readonly type: string,
    private readonly consent: boolean,
    private readonly told: () => void,
  ) {
    window.addEventListener("online", () => this.woken());
  }

  /** Opens what waits for a session. `told` is called whenever something has changed. */
  static async open(session: string, told: () => void, type = "", consent = false): Promise<RecordingParts> {
    const request = indexedDB.open(`tongke:recording:${session}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("parts", { keyPath: ["took", "index"] });
    const parts = new RecordingParts(await answer(request), `/live/${session}/recording`, type, consent, told);
    const left = await parts.all();
    parts.waiting = left.reduce((sum, part) => sum + part.data.size, 0);
    if (left.length > 0) parts.go();
    return parts;
  }

  get percent(): number {
    const all = this.sent + this.waiting;
    return all === 0 ? 100 : Math.floor((100 * this.sent) / all);
  }

  async add(part: Part): Promise<void> {
    await answer(this.store("readwrite").put(part));
    this.waiting += part.data.size;
    this.told();
    this.go();
  }

  /** Fulfilled once the server has everything, and knows that there is no more. */
  async end(): Promise<void> {
    await this.sending;
    if (this.recording === "") return;
    await this.patiently(() => this.post(`${this.address}/${this.recording}/end`));
  }

  /** Lets go of what was recorded from that moment on. */
  async forgetFrom(at: number): Promise<void> {
    for (const part of await this.all()) {
      if (part.at < at) continue;
      await answer(this.store("readwrite").delete([part.took, part.index]));
      this.waiting -= part.data.size;
    }
    this.told();
  }

  private go(): void {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
      this.told();
    });
  }

  private async sendAll(): Promise<void> {
    for (let [part] = await this.all(1); part; [part] = await this.all(1)) {
      const sending = part;
      await this.patiently(() => this.send(sending));
      await answer(this.store("readwrite").delete([part.took, part.index]));
      this.sent += part.data.size;
      this.waiting -= part.data.size;
      this.told();
    }
  }

  private async send(part: Part): Promise<void> {
    if (this.recording === "") {
      const begun = await this.post(this.address, JSON.stringify({ type: this.type || part.data.type, consent: this.consent }));
      this.recording = begun.recording ?? "";
    }
    const about = new URLSearchParams({ took: String(part.took), index: String(part.index), at: String(part.at) });
    await this.post(`${this.address}/${this.recording}/parts?${about}`, part.data);
  }

  /** Tries until it is done or the server has refused it for good. */
  private async patiently(work: () => Promise<unknown>): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        await work();
        this.trouble = "";
        return;
      } catch (fault) {
        this.trouble = fault instanceof Error ? fault.message : "";
        this.told();
        if (fault instanceof Refused) return;
      }
      await new Promise<void>((resolve) => {
        this.woken = resolve;
        setTimeout(resolve, WAITS[Math.min(failures, WAITS.length - 1)]);
      });
    }
  }

  private async post(address: string, body?: string | Blob): Promise<Said> {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const type = typeof body === "string" ? "application/json" : "application/octet-stream";
    const headers = { Accept: "application/json", "Content-Type": type, "X-CSRFToken": token };
    const answered = await fetch(address, { method: "POST", headers, body: body ?? null }).catch(() => {
      throw new Error(_("网络断了，录像先存在这台电脑上，连上后自动上传。"));
    });
    const said = (await answered.json().catch(() => ({}))) as Said;
    if (answered.ok) return said;
    if ([404, 409, 422].includes(answered.status)) throw new Refused(said.message ?? "");
    throw new Error(said.message ?? _("服务器正忙，录像先存在这台电脑上，稍后自动上传。"));
  }

  private all(most?: number): Promise<Part[]> {
    return answer(this.store("readonly").getAll(undefined, most) as IDBRequest<Part[]>);
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction("parts", mode).objectStore("parts");
  }
}

function answer<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}
