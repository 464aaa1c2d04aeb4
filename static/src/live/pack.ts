/**
 * 课前包: every page and clip of the lesson, fetched before class into this browser and taken from there during it.
 *
 * IndexedDB works on plain http, where caches and service workers do not.
 */

import type { Config, Pack as Contents } from "./protocol";
import type { Room } from "./room";
import type { Source } from "./slides";

const NAME = "tongke:pack:";
const AT_ONCE = 3;
const TRIES = 3;

type Urls = Pick<Config["urls"], "pack" | "file">;
type File = Contents["files"][number];

const keyOf = ({ resource, version, page }: Omit<File, "url" | "bytes">): string => `${resource}/${version}/${page}`;

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

async function open(name: string): Promise<IDBDatabase | null> {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    return await answer(request);
  } catch {
    return null;
  }
}

/** The packs of other lessons make room for this one. */
async function forgetOthers(name: string): Promise<void> {
  try {
    for (const each of await indexedDB.databases()) {
      if (each.name?.startsWith(NAME) && each.name !== name) indexedDB.deleteDatabase(each.name);
    }
  } catch {
    // A browser that cannot list them keeps them.
  }
}

/** Tells the room how much of the pack is here: at the beginning, at each quarter, at the end. */
export function tellReady(room: Room): (done: number, total: number) => void {
  let told = -1;
  return (done, total) => {
    const quarter = total === 0 ? 4 : Math.floor((4 * done) / total);
    if (quarter === told) return;
    told = quarter;
    // Who may not say so (a lead without a classroom) is simply not counted.
    room.do("ready", { done, total }).catch(() => undefined);
  };
}

/** The address of a page by the template of the room's config. */
export function addressOf(template: string, resource: string, version: number, page: number): string {
  return template.replace("{resource}", resource).replace("{version}", String(version)).replace("{page}", String(page));
}

export class Pack {
  private readonly name: string;
  private readonly database: Promise<IDBDatabase | null>;
  private readonly addresses = new Map<string, Promise<string>>();

  constructor(code: string, private readonly urls: Urls) {
    this.name = NAME + code;
    this.database = open(this.name);
  }

  /** For the stage. A page that is not here yet is fetched; a clip then plays from the server. */
  readonly source: Source = (resource, version, number) => {
    const key = keyOf({ resource, version, page: number });
    const known = this.addresses.get(key);
    if (known) return known;
    const url = addressOf(this.urls.file, resource, version, number);
    const found = this.take(key, url, number > 0);
    this.addresses.set(key, found);
    found.then((address) => address === url && this.addresses.delete(key), () => this.addresses.delete(key));
    return found;
  };

  /** Fetches everything that is not here yet; `progress` is told how much is. */
  async fetchAll(progress: (done: number, total: number) => void): Promise<void> {
    void forgetOthers(this.name);
    const listed = await fetch(this.urls.pack, { headers: { Accept: "application/json" } });
    if (!listed.ok) throw new Error(`pack: ${listed.status}`);
    const { files } = (await listed.json()) as Contents;
    const waiting = [...files];
    let done = 0;
    progress(done, files.length);
    const work = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        if (await this.has(file)) progress((done += 1), files.length);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private async has(file: File): Promise<boolean> {
    const key = keyOf(file);
    if (await this.stored(key)) return true;
    for (let tried = 0; tried < TRIES; tried += 1) {
      try {
        await this.fetch(key, file.url);
        return true;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1_000 * (tried + 1)));
      }
    }
    return false;
  }

  private async take(key: string, url: string, fetchIt: boolean): Promise<string> {
    const kept = await this.stored(key);
    if (kept) return URL.createObjectURL(kept);
    return fetchIt ? URL.createObjectURL(await this.fetch(key, url)) : url;
  }

  private async stored(key: string): Promise<Blob | undefined> {
    const database = await this.database;
    if (!database) return undefined;
    return answer(database.transaction("files").objectStore("files").get(key) as IDBRequest<Blob | undefined>);
  }

  private async fetch(key: string, url: string): Promise<Blob> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const blob = await response.blob();
    const database = await this.database;
    database?.transaction("files", "readwrite").objectStore("files").put(blob, key);
    return blob;
  }
}
