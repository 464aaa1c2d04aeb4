/**
 * The copy of a plan in this browser: everything known of the document, and apart from it my edits that the server has not
 * acknowledged. Each person has copies of their own: on a shared computer nobody sees or sends what another wrote.
 */

import * as Y from "yjs";

/** An edit of mine on its way to the server; `places` are the parts of the plan it touches. */
export interface Unacked {
  readonly key: number;
  readonly update: Uint8Array;
  readonly places: readonly string[];
}

const COMPACT_ABOVE = 200;

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

export class LocalCopy {
  private constructor(private readonly database: IDBDatabase) {}

  /** Opens the copy of that person's plan. Fails where the browser stores nothing (some private windows). */
  static async open(person: string | number, plan: string): Promise<LocalCopy> {
    const request = indexedDB.open(`tongke:plan:${person}:${plan}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("document", { autoIncrement: true });
      request.result.createObjectStore("unacked", { autoIncrement: true });
    };
    return new LocalCopy(await answer(request));
  }

  /** Everything this browser knows of the document, unacknowledged edits included; null when it knows nothing. */
  async document(): Promise<Uint8Array | null> {
    const transaction = this.database.transaction(["document", "unacked"]);
    const [known, unacked] = await Promise.all([
      answer(transaction.objectStore("document").getAll() as IDBRequest<Uint8Array[]>),
      answer(transaction.objectStore("unacked").getAll() as IDBRequest<Omit<Unacked, "key">[]>),
    ]);
    const updates = [...known, ...unacked.map((edit) => edit.update)];
    return updates.length > 0 ? Y.mergeUpdates(updates) : null;
  }

  /** My edits that wait for the server, those of other windows and earlier visits included. */
  async unacked(): Promise<Unacked[]> {
    const store = this.database.transaction("unacked").objectStore("unacked");
    const [keys, edits] = await Promise.all([
      answer(store.getAllKeys()),
      answer(store.getAll() as IDBRequest<Omit<Unacked, "key">[]>),
    ]);
    return edits.map((edit, index) => ({ ...edit, key: Number(keys[index]) }));
  }

  /** Keeps an edit of mine until `acknowledge`; it is on disk when the promise is fulfilled. */
  async keep(update: Uint8Array, places: readonly string[]): Promise<number> {
    const transaction = this.database.transaction("unacked", "readwrite");
    const finished = done(transaction);
    const key = await answer(transaction.objectStore("unacked").add({ update, places }));
    await finished;
    return Number(key);
  }

  /** The server has these edits: they become part of the known document. */
  async acknowledge(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return;
    const transaction = this.database.transaction(["document", "unacked"], "readwrite");
    const finished = done(transaction);
    const unacked = transaction.objectStore("unacked");
    const known = transaction.objectStore("document");
    for (const key of keys) {
      const edit = (await answer(unacked.get(key))) as Omit<Unacked, "key"> | undefined;
      if (edit) known.add(edit.update);
      unacked.delete(key);
    }
    await finished;
  }

  /** Remembers what came from the server. */
  async remember(update: Uint8Array): Promise<void> {
    const transaction = this.database.transaction("document", "readwrite");
    const finished = done(transaction);
    transaction.objectStore("document").add(update);
    await finished;
  }

  /** Folds the known document into one entry once it has grown to many. */
  async compact(): Promise<void> {
    const transaction = this.database.transaction("document", "readwrite");
    const finished = done(transaction);
    const store = transaction.objectStore("document");
    if ((await answer(store.count())) > COMPACT_ABOVE) {
      const updates = (await answer(store.getAll())) as Uint8Array[];
      store.clear();
      store.add(Y.mergeUpdates(updates));
    }
    await finished;
  }

  /** Forgets everything, edits that wait included. */
  async clear(): Promise<void> {
    const transaction = this.database.transaction(["document", "unacked"], "readwrite");
    const finished = done(transaction);
    transaction.objectStore("document").clear();
    transaction.objectStore("unacked").clear();
    await finished;
  }

  close(): void {
    this.database.close();
  }
}
