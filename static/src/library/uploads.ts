/**
 * All uploads of a person in this browser. The tab into which a file was dropped sends it; the others show it and go on with it when
 * that tab is closed. The tray (tray.ts) shows them, whoever asked.
 */

import { Refused, Stopped, ask } from "./asking";
import type { About } from "./about";
import { Records, type Handle, type Told, type Upload } from "./records";
import { Slots, fingerprint, send } from "./sending";
import { turn } from "../shared/turns";
import { _ } from "../shared/words";

export type { About } from "./about";

/** A file to send; `handle` is what lets a later page read it again. */
export interface Picked {
  readonly file: File;
  readonly handle?: Handle | undefined;
}

type Order = "pause" | "resume" | "cancel";
type Message = { upload: Upload } | { removed: string } | { order: Order; id: string };

const FILES_AT_ONCE = 4;
const PARTS_AT_ONCE = 3;
const TELL_EVERY = 250;
const KEEP_EVERY = 1_500;
const SPEED_OVER = 6_000;
const SHOWN_AFTER = 3600 * 1000;

const ENDED: readonly string[] = ["done", "failed"];
const RESTING: readonly string[] = [...ENDED, "paused"];

export class Uploads {
  private readonly uploads = new Map<string, Upload>();
  private readonly files = new Map<string, File>();
  private readonly unkept = new Set<string>();
  private readonly turns = new Map<string, AbortController>();
  private readonly promises = new Map<string, { resolve: (told: Told) => void; reject: (fault: Error) => void }>();
  private readonly listeners = new Set<() => void>();
  private readonly slots = new Slots(PARTS_AT_ONCE);
  private readonly places = new Slots(FILES_AT_ONCE);
  private readonly channel: BroadcastChannel;

  private constructor(
    private readonly person: string,
    private readonly records: Records | null,
  ) {
    this.channel = new BroadcastChannel(`tongke:uploads:${person}`);
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => this.hear(data);
    addEventListener("beforeunload", (event) => {
      if (this.unkept.size > 0) event.preventDefault(); // the next page could not go on by itself
    });
  }

  /** The uploads of the person of this page, and goes on with those that were left. */
  static async open(person: string): Promise<Uploads> {
    const records = await Records.open(person).catch(() => null);
    const made = new Uploads(person, records);
    for (const upload of (await records?.all()) ?? []) {
      if (upload.state === "done" && upload.added < Date.now() - SHOWN_AFTER) void records?.remove(upload.id);
      else made.uploads.set(upload.id, upload);
    }
    for (const upload of made.all()) if (!ENDED.includes(upload.state)) void made.adopt(upload.id);
    made.note();
    return made;
  }

  /** All that are shown, the oldest first. */
  all(): Upload[] {
    return [...this.uploads.values()].sort((one, other) => one.added - other.added);
  }

  /** Calls `listener` whenever something has changed, until what is returned is called. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends a file, or goes on with the same one if it was begun before. Fulfilled with the resource. */
  add({ file, handle }: Picked, about: About): Promise<Told> {
    const facts = { name: file.name, size: file.size, modified: file.lastModified };
    const begun = this.all().find(
      (upload) =>
        !ENDED.includes(upload.state) && fingerprint(upload) === fingerprint(facts) && JSON.stringify(upload.about) === JSON.stringify(about),
    );
    const id = begun?.id ?? Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36)).join("");
    const upload: Upload = begun ?? { id, ...facts, about, added: Date.now() + this.uploads.size / 1000, state: "waiting", sent: 0 };
    this.files.set(id, file);
    const told = new Promise<Told>((resolve, reject) => this.promises.set(id, { resolve, reject }));
    told.catch(() => undefined); // the tray shows it, also where nobody else listens
    void this.take(id, upload, file, handle);
    return told;
  }

  pause(id: string): void {
    this.change(id, { state: "paused", reason: "" }, true);
    this.order("pause", id);
  }

  resume(id: string): void {
    this.change(id, { state: "waiting", reason: "" }, true);
    this.order("resume", id);
  }

  /** Takes it away for good; what has arrived of it is forgotten, a new resource made of it goes into the recycle bin. */
  async cancel(id: string): Promise<void> {
    const upload = this.uploads.get(id);
    this.order("cancel", id);
    this.remove(id);
    this.promises.get(id)?.reject(new Error(_("已取消上传。")));
    if (upload?.code) await ask(`/resources/uploads/${upload.code}/cancel`, new AbortController().signal, {}).catch(() => undefined);
  }

  /** The person keeps their own beside the one that is there already. */
  keepMine(id: string): void {
    this.change(id, { same: [] }, true);
  }

  /** Lets the browser read the file again; false when it has to be picked anew. */
  async reopen(id: string): Promise<boolean> {
    const { file, handle } = (await this.records?.kept(id)) ?? {};
    if (!file && (await handle?.requestPermission?.({ mode: "read" })) !== "granted") return false;
    this.resume(id);
    return true;
  }

  /** Takes everything out of the tray that has ended. */
  clear(): void {
    for (const { id, state } of this.all()) {
      if (!ENDED.includes(state)) continue;
      this.remove(id);
      this.channel.postMessage({ removed: id } satisfies Message);
    }
  }

  private async take(id: string, upload: Upload, file: File, handle: Handle | undefined): Promise<void> {
    this.uploads.set(id, upload);
    this.change(id, { state: "waiting", reason: "" }, true);
    this.unkept.add(id);
    void this.adopt(id);
    if (await this.records?.keep(id, file, handle)) this.unkept.delete(id);
    if (!this.uploads.has(id) || this.uploads.get(id)?.state === "done") await this.records?.letGo(id);
  }

  /** Waits until it is this tab's turn to send the file, and sends it. */
  private async adopt(id: string): Promise<void> {
    if (this.turns.has(id)) return;
    const stop = new AbortController();
    this.turns.set(id, stop);
    try {
      const release = await turn(`tongke:upload:${id}`, stop.signal);
      try {
        await this.places.run(() => this.carryOut(id, stop.signal));
      } finally {
        release();
      }
    } catch {
      // stopped while waiting
    } finally {
      if (this.turns.get(id) === stop) this.turns.delete(id);
    }
  }

  private async carryOut(id: string, signal: AbortSignal): Promise<void> {
    const upload = this.records ? await this.records.get(id) : this.uploads.get(id);
    if (!upload || signal.aborted || RESTING.includes(upload.state)) return;
    const file = this.files.get(id) ?? (await this.read(id));
    if (!file) {
      this.change(id, { state: "closed" }, true);
      return;
    }
    this.files.set(id, file);
    const told = this.teller(id);
    try {
      const resource = await send({ upload, file, signal, slots: this.slots, told });
      this.end(id, { state: "done", sent: file.size, resource, reason: "" });
      this.promises.get(id)?.resolve(resource);
    } catch (fault) {
      if (!(fault instanceof Stopped)) this.fail(id, fault);
    }
  }

  private fail(id: string, fault: unknown): void {
    const refused = fault instanceof Refused ? fault : null;
    if (refused && ["signed_out", "stale_form"].includes(refused.code)) {
      this.change(id, { state: "paused", reason: _("登录已经变了。请刷新页面，登录后点“继续”。") }, true);
      return;
    }
    const reason = refused?.message ?? _("上传没有成功，请再试一次。");
    if (refused?.code === "file") {
      this.files.delete(id);
      void this.records?.letGo(id);
      this.change(id, { state: "closed", reason }, true);
      return;
    }
    this.change(id, { state: "failed", reason }, true);
    this.promises.get(id)?.reject(new Error(reason));
  }

  private async read(id: string): Promise<File | undefined> {
    const { file, handle } = (await this.records?.kept(id)) ?? {};
    if (file) return file;
    if ((await handle?.queryPermission?.({ mode: "read" })) !== "granted") return undefined;
    return handle?.getFile().catch(() => undefined);
  }

  /** Tells everybody how far it is: often enough for the eye, and now and then for the next page. */
  private teller(id: string): (change: Partial<Upload>) => void {
    const measured: { at: number; sent: number }[] = [];
    let toldAt = 0;
    let keptAt = 0;
    return (change) => {
      const before = this.uploads.get(id);
      if (!before) return;
      const at = performance.now();
      const other = Object.entries(change).some(([name, value]) => name !== "sent" && before[name as keyof Upload] !== value);
      if (change.sent !== undefined) measured.push({ at, sent: change.sent });
      while (measured[0] && at - measured[0].at > SPEED_OVER) measured.shift();
      if (!other && at - toldAt < TELL_EVERY) return;
      const first = measured[0];
      const last = measured.at(-1);
      const speed = first && last && last.at > first.at ? Math.max(0, (last.sent - first.sent) / (last.at - first.at)) * 1000 : 0;
      toldAt = at;
      const keep = other || at - keptAt > KEEP_EVERY;
      if (keep) keptAt = at;
      this.change(id, { ...change, speed }, keep);
    };
  }

  private end(id: string, change: Partial<Upload>): void {
    this.change(id, change, true);
    this.files.delete(id);
    this.unkept.delete(id);
    void this.records?.letGo(id);
  }

  private change(id: string, change: Partial<Upload>, keep: boolean): void {
    const before = this.uploads.get(id);
    if (!before) return;
    const upload = { ...before, ...change };
    this.uploads.set(id, upload);
    if (keep) void this.records?.put(upload);
    this.channel.postMessage({ upload } satisfies Message);
    this.note();
  }

  private remove(id: string): void {
    this.uploads.delete(id);
    this.files.delete(id);
    this.unkept.delete(id);
    this.turns.get(id)?.abort();
    void this.records?.remove(id);
    this.note();
  }

  private order(order: Order, id: string): void {
    this.channel.postMessage({ order, id } satisfies Message);
    this.obey(order, id);
  }

  private obey(order: Order, id: string): void {
    if (order === "resume") {
      void this.adopt(id);
      return;
    }
    this.turns.get(id)?.abort();
    this.turns.delete(id);
    if (order === "cancel") this.remove(id);
  }

  private hear(message: Message): void {
    if ("order" in message) this.obey(message.order, message.id);
    else if ("removed" in message) this.uploads.delete(message.removed);
    else this.uploads.set(message.upload.id, message.upload);
    this.note();
  }

  /** Leaves word for the next page that there is something to show, and tells this one. */
  private note(): void {
    const name = `tongke:uploads:${this.person}`;
    if (this.uploads.size > 0) localStorage.setItem(name, String(this.uploads.size));
    else localStorage.removeItem(name);
    for (const listener of this.listeners) listener();
  }
}

/** Who is on this page; empty for nobody. */
export function personHere(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="person"]')?.content ?? "";
}

let opened: Promise<Uploads> | undefined;

/** The uploads of this page, with their tray. */
export function theUploads(): Promise<Uploads> {
  opened ??= Uploads.open(personHere()).then(async (uploads) => {
    const { showTray } = await import("./tray");
    showTray(uploads);
    return uploads;
  });
  return opened;
}

/**
 * Sends a file; resolves with the code of the resource once it is there. Rejects with a sentence for people (`Error.message`)
 * when it cannot be sent, or when somebody takes it out of the tray. `told` hears how far it has come, from 0 to 1.
 */
export async function upload(file: File, about: About = {}, told?: (share: number) => void): Promise<{ code: string }> {
  const uploads = await theUploads();
  const arrived = uploads.add({ file }, about);
  const facts = fingerprint({ name: file.name, size: file.size, modified: file.lastModified });
  const unlisten = uploads.listen(() => {
    const mine = uploads.all().find((each) => fingerprint(each) === facts);
    if (mine) told?.(mine.size ? mine.sent / mine.size : 0);
  });
  try {
    const { code } = await arrived;
    return { code };
  } finally {
    unlisten();
  }
}
