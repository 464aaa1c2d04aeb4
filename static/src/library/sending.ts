/** The course of one file: begun at the server, sent in parts to the file store, finished. Goes on by itself whenever it can. */

import { _ } from "../shared/words";
import { ask, put, Refused, Stopped, Unreachable } from "./asking";
import { checksum } from "./checksum";
import type { Same, Told, Upload } from "./records";

interface Begun {
  readonly code: string;
  readonly part_bytes: number;
  readonly have: readonly number[];
  readonly state: "open" | "checking" | "done" | "failed" | "cancelled";
  readonly reason: string;
  readonly resource: Told | null;
}

export interface Course {
  readonly upload: Upload;
  readonly file: File;
  readonly signal: AbortSignal;
  readonly slots: Slots;
  readonly told: (change: Partial<Upload>) => void;
}

const ADDRESS = "/resources/uploads";
const AT_ONCE = 3;
const LINKS = 12;
const LONGEST_WAIT = 30_000;
const ROUNDS = 6;
const POLL = 1_500;

/** So many at a time, in the order in which they asked. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/** Recognises the same file when it is picked again. */
export function fingerprint(file: { name: string; size: number; modified: number }): string {
  let mark = 0;
  for (const letter of file.name) mark = (Math.imul(mark, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return `${file.size}-${file.modified}-${(mark >>> 0).toString(36)}`;
}

/** Sends the file; the resource that it became. Rejects with Refused, or with Stopped when the signal is aborted. */
export async function send(course: Course): Promise<Told> {
  const { upload, file, signal, told } = course;
  const checked = checksum(file).catch(() => "");
  if (!upload.about.plan && !upload.about.resource && !upload.same) void checked.then((sha256) => pointOut(sha256, course));
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = await begin(course);
    if (begun.state === "open") await sendParts(begun, course);
    told({ state: "checking", sent: file.size, reason: "" });
    try {
      return await finish(begun.code, await checked, course);
    } catch (fault) {
      if (!(fault instanceof Refused && ["conflict", "not_found"].includes(fault.code))) throw fault;
    }
    if (signal.aborted) throw new Stopped();
  }
  throw new Refused("part", _("服务器没有收全这个文件，请再试一次。"));
}

async function begin({ upload, file, signal, told }: Course): Promise<Begun> {
  if (upload.code) {
    // An answer may have been lost on the way: it may be there already.
    const known = await again(() => ask<Begun>(`${ADDRESS}/${upload.code}`, signal), signal, told).catch((fault: unknown) => {
      if (fault instanceof Refused && fault.code === "not_found") return null;
      throw fault;
    });
    if (known && known.state !== "failed" && known.state !== "cancelled") return known;
  }
  const asked = { name: upload.name, size: file.size, fingerprint: fingerprint(upload), about: upload.about };
  const begun = await again(() => ask<Begun>(ADDRESS, signal, asked), signal, told);
  told({ code: begun.code });
  return begun;
}

async function sendParts(begun: Begun, { file, signal, slots, told }: Course): Promise<void> {
  const size = begun.part_bytes;
  const missing = new Set<number>();
  for (let number = 1; (number - 1) * size < file.size; number += 1) missing.add(number);
  for (const number of begun.have) missing.delete(number);

  const arriving = new Map<number, number>();
  let arrived = begun.have.reduce((sum, number) => sum + partOf(file, number, size).size, 0);
  const tell = () => told({ state: "sending", reason: "", sent: arrived + [...arriving.values()].reduce((sum, bytes) => sum + bytes, 0) });
  tell();

  const queue = [...missing];
  const links = new Links(begun.code, queue, signal, told);
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(), { once: true });

  const sendSome = async (): Promise<void> => {
    for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
      const part = partOf(file, number, size);
      const which = number;
      await sendPart(part, which, links, slots, stop.signal, told, (bytes) => {
        arriving.set(which, bytes);
        tell();
      });
      arriving.delete(which);
      arrived += part.size;
      tell();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  } catch (fault) {
    stop.abort();
    throw signal.aborted ? new Stopped() : fault;
  }
}

async function sendPart(
  part: Blob,
  number: number,
  links: Links,
  slots: Slots,
  signal: AbortSignal,
  told: Course["told"],
  bytes: (bytes: number) => void,
): Promise<void> {
  for (let refused = 0; ; ) {
    try {
      await again(
        async () => {
          const link = await links.of(number);
          await slots.run(() => put(link, part, signal, bytes)).catch(async (fault: unknown) => {
            bytes(0);
            if (fault instanceof Unreachable) await mustBeReadable(part);
            throw fault;
          });
        },
        signal,
        told,
      );
      return;
    } catch (fault) {
      if (!(fault instanceof Refused) || ![403, 404].includes(fault.status) || (refused += 1) > 2) throw fault;
      links.forget(number); // its time was over
    }
  }
}

/** The addresses for parts, asked for a few at a time: each is good for an hour only. */
class Links {
  private readonly known = new Map<number, string>();
  private asking: Promise<void> | undefined;

  constructor(
    private readonly code: string,
    private readonly queue: readonly number[],
    private readonly signal: AbortSignal,
    private readonly told: Course["told"],
  ) {}

  async of(number: number): Promise<string> {
    while (!this.known.has(number)) {
      this.asking ??= this.ask(number).finally(() => (this.asking = undefined));
      await this.asking;
    }
    return this.known.get(number) ?? "";
  }

  forget(number: number): void {
    this.known.delete(number);
  }

  private async ask(number: number): Promise<void> {
    const wanted = [number, ...this.queue.slice(0, LINKS - 1)].join(",");
    const address = `${ADDRESS}/${this.code}/links?parts=${wanted}`;
    const { links } = await again(() => ask<{ links: Record<string, string> }>(address, this.signal), this.signal, this.told);
    for (const [each, link] of Object.entries(links)) this.known.set(Number(each), link);
    if (!this.known.has(number)) throw new Refused("conflict", _("这一部分没有被收下，请再试一次。"));
  }
}

async function finish(code: string, sha256: string, { signal, told }: Course): Promise<Told> {
  for (;;) {
    const answer = await again(() => ask<Begun>(`${ADDRESS}/${code}/finish`, signal, { sha256 }), signal, told);
    if (answer.state === "done" && answer.resource) return answer.resource;
    if (answer.state !== "checking") throw new Refused("failed", answer.reason || _("上传没有成功，请再试一次。"));
    told({ state: "checking" });
    await pause(POLL, signal);
  }
}

async function pointOut(sha256: string, { signal, told }: Course): Promise<void> {
  if (!sha256) return;
  const { same } = await ask<{ same: readonly Same[] }>(`/resources/same?sha256=${sha256}`, signal).catch(() => ({ same: [] }));
  if (same.length > 0) told({ same });
}

async function mustBeReadable(part: Blob): Promise<void> {
  try {
    await part.slice(0, 1).arrayBuffer();
  } catch {
    throw new Refused("file", _("这个文件在上传途中被改动、移走或删除了，请重新选择。"));
  }
}

function partOf(file: Blob, number: number, size: number): Blob {
  return file.slice((number - 1) * size, number * size);
}

/** Does it until the line allows it, with longer and longer pauses. */
async function again<T>(work: () => Promise<T>, signal: AbortSignal, told: Course["told"]): Promise<T> {
  for (let wait = 1_000; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      return await work();
    } catch (fault) {
      if (signal.aborted) throw new Stopped();
      if (!(fault instanceof Unreachable)) throw fault;
      told({ state: "waiting", reason: fault.message });
      await pause(wait * (0.75 + Math.random() / 2), signal, true);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal, untilOnline = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (run: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stopped);
      removeEventListener("online", back);
      run();
    };
    const back = () => end(resolve);
    const stopped = () => end(() => reject(new Stopped()));
    const timer = setTimeout(back, milliseconds);
    signal.addEventListener("abort", stopped);
    if (untilOnline) addEventListener("online", back);
    if (signal.aborted) stopped();
  });
}
