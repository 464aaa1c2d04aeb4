/**
 * What this browser knows of a person's uploads: kept in IndexedDB, so that a page change, a closed tab or a restart of the
 * machine does not end them. Everybody has a database of their own: on a shared computer nobody sees what another sends.
 */

import type { About } from "./about";

export type State =
  | "waiting" // for its turn, or for the line
  | "sending"
  | "paused"
  | "checking" // everything is there; the server looks whether it is right
  | "done"
  | "failed"
  | "closed"; // the browser may not read the file any more: it has to be picked again

/** A resource as the server tells of it. */
export interface Told {
  readonly code: string;
  readonly title: string;
  readonly url: string;
}

export interface Same extends Told {
  readonly campus: string;
  readonly mine: boolean;
}

/** One file on its way, as all pages show it. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly modified: number;
  readonly about: About;
  readonly added: number;
  /** The server's name for it, once it was begun. */
  readonly code?: string;
  readonly state: State;
  /** Bytes that have arrived. */
  readonly sent: number;
  /** Bytes in a second, lately. */
  readonly speed?: number;
  /** Why it waits or failed, in a sentence. */
  readonly reason?: string;
  readonly resource?: Told;
  readonly same?: readonly Same[];
}

/** A file that can be asked for again after a page change; Chromium has them for what was dropped. */
export type Handle = FileSystemFileHandle & {
  queryPermission?: (how: { mode: "read" }) => Promise<PermissionState>;
  requestPermission?: (how: { mode: "read" }) => Promise<PermissionState>;
};

interface Kept {
  readonly id: string;
  readonly file?: File;
  readonly handle?: Handle;
}

const COPY_BELOW = 256 * 2 ** 20;
const COPY_AT_MOST = 2 * 2 ** 30;
const WEEK = 7 * 24 * 3600 * 1000;

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}

export class Records {
  private constructor(private readonly database: IDBDatabase) {}

  /** Opens a person's records. Fails where the browser stores nothing (some private windows). */
  static async open(person: string): Promise<Records> {
    const request = indexedDB.open(`tongke:uploads:${person}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("uploads", { keyPath: "id" });
      request.result.createObjectStore("files", { keyPath: "id" });
    };
    return new Records(await answer(request));
  }

  /** All uploads, the oldest first; what is a week old is forgotten, as on the server. */
  async all(): Promise<Upload[]> {
    const found = await answer(this.store("uploads").getAll() as IDBRequest<Upload[]>);
    const old = found.filter((upload) => upload.added < Date.now() - WEEK);
    await Promise.all(old.map((upload) => this.remove(upload.id)));
    return found.filter((upload) => !old.includes(upload)).sort((one, other) => one.added - other.added);
  }

  async get(id: string): Promise<Upload | undefined> {
    return answer(this.store("uploads").get(id) as IDBRequest<Upload | undefined>);
  }

  async put(upload: Upload): Promise<void> {
    const transaction = this.database.transaction("uploads", "readwrite");
    transaction.objectStore("uploads").put(upload);
    await done(transaction);
  }

  async remove(id: string): Promise<void> {
    const transaction = this.database.transaction(["uploads", "files"], "readwrite");
    transaction.objectStore("uploads").delete(id);
    transaction.objectStore("files").delete(id);
    await done(transaction);
  }

  /** Lets go of the file, which has arrived. */
  async letGo(id: string): Promise<void> {
    const transaction = this.database.transaction("files", "readwrite");
    transaction.objectStore("files").delete(id);
    await done(transaction);
  }

  /** Keeps the file for the next page: a copy of it, or for a large one the right to read it. Whether that was possible. */
  async keep(id: string, file: File, handle?: Handle): Promise<boolean> {
    if (handle && file.size > COPY_BELOW) return this.keepEither({ id, handle });
    if (await roomFor(file.size)) {
      if (await this.keepEither({ id, file })) return true;
    }
    return handle ? this.keepEither({ id, handle }) : false;
  }

  /** What was kept of the file. */
  async kept(id: string): Promise<{ file?: File; handle?: Handle }> {
    return (await answer(this.store("files").get(id) as IDBRequest<Kept | undefined>)) ?? {};
  }

  private async keepEither(kept: Kept): Promise<boolean> {
    try {
      const transaction = this.database.transaction("files", "readwrite");
      transaction.objectStore("files").put(kept);
      await done(transaction);
      return true;
    } catch {
      return false; // no room after all, or a browser that stores no files
    }
  }

  private store(name: string): IDBObjectStore {
    return this.database.transaction(name).objectStore(name);
  }
}

async function roomFor(size: number): Promise<boolean> {
  if (size <= COPY_BELOW) return true;
  if (size > COPY_AT_MOST || !("storage" in navigator)) return false;
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return quota - usage > 4 * size;
}
