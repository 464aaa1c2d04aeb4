/**
 * Keeps the document of this page, the copy in this browser and the server's document the same.
 *
 * The protocol is in docs/architecture.md. An edit of mine is put into the local copy first, then sent, and stays there until the
 * server says that it is stored. After every reconnection the page joins again and sends whatever the server lacks.
 */

import type { Line } from "../shared/line";
import * as awarenessProtocol from "y-protocols/awareness";
import * as Y from "yjs";

import type { LocalCopy } from "./local_copy";
import { placesOf, rootsTouched } from "./places";

/** Origin of changes that came from the server. */
export const FROM_SERVER = Symbol("from the server");
/** Origin of changes that came from this browser's copy. */
export const FROM_COPY = Symbol("from the local copy");

const QUIET_WAIT = 15;
const BUSY_WAIT = 60;
const PRESENCE_WAIT = 80;
const REMEMBER_WAIT = 1_000;
const ANSWER_WAIT = 15_000;
const RETRY_WAITS = [1_000, 2_000, 4_000, 8_000, 15_000];

export type Role = "editor" | "reader";

interface Refusal {
  error: string;
  message?: string;
}

interface Joined {
  update: ArrayBuffer | Uint8Array;
  state_vector: ArrayBuffer | Uint8Array;
  role: Role;
  seq: number;
}

/** What ended or stopped the writing, in a form the page makes a sentence of. */
export type Trouble =
  | { kind: "schema" }
  | { kind: "gone"; reason: string; sentence: string }
  | { kind: "refused"; sentence: string };

export interface SyncOptions {
  doc: Y.Doc;
  awareness: awarenessProtocol.Awareness;
  line: Line;
  /** Null where the browser stores nothing; then edits live only as long as the page. */
  copy: LocalCopy | null;
  plan: string;
  schema: number;
  role: Role;
  /** Called around every change from outside, so that the page can keep still. */
  around?: (apply: () => void) => void;
}

const bytes = (value: ArrayBuffer | Uint8Array): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(value));
const wire = (value: Uint8Array): ArrayBuffer => value.slice().buffer;

export class PlanSync {
  role: Role;
  trouble: Trouble | null = null;
  /** The line is up and the server knows that we are here. */
  joined = false;
  /** When the line was last lost, or null while it is up. */
  lostAt: number | null = null;
  /** Fulfilled once there is a document to show: from this browser's copy or from the server. */
  readonly ready: Promise<void>;

  private readonly listeners = new Set<() => void>();
  private readonly unacked = new Map<number, readonly string[]>();
  private pending: Uint8Array[] = [];
  private pendingPlaces = new Set<string>();
  private fromServer: Uint8Array[] = [];
  private held: Uint8Array[] = [];
  private composingIn: string | null = null;
  private composed: (() => void)[] = [];
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private rememberTimer: ReturnType<typeof setTimeout> | undefined;
  private presenceTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private storing: Promise<void>;
  private lastFlush = 0;
  private generation = 0;
  private failures = 0;
  private memoryKey = -1;
  private becomeReady: () => void = () => undefined;

  constructor(private readonly options: SyncOptions) {
    this.role = options.role;
    this.ready = new Promise((resolve) => (this.becomeReady = resolve));
    this.storing = this.load();
    const { doc, awareness, line } = options;
    doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (origin !== FROM_SERVER && origin !== FROM_COPY) this.changedHere(update, transaction);
    });
    awareness.on("update", (change: Record<"added" | "updated" | "removed", number[]>, origin: unknown) => {
      const mine = [...change.added, ...change.updated, ...change.removed].includes(doc.clientID);
      if (mine && origin !== FROM_SERVER) this.presenceTimer ??= setTimeout(() => this.sendPresence(), PRESENCE_WAIT);
    });
    line.on("connect", () => void this.join());
    line.on("disconnect", () => this.lost());
    line.on("connect_error", (error: Error & { data?: Refusal }) => {
      this.lost();
      if (error.message === "signed_out" || error.data?.error === "signed_out") {
        this.end({ kind: "gone", reason: "signed_out", sentence: error.data?.message ?? "" });
      }
    });
    line.on("update", (plan: string, update: ArrayBuffer | Uint8Array) => {
      if (plan === options.plan) this.receive(bytes(update));
    });
    line.on("awareness", (plan: string, update: ArrayBuffer | Uint8Array) => {
      if (plan === options.plan) awarenessProtocol.applyAwarenessUpdate(awareness, bytes(update), FROM_SERVER);
    });
    line.on("role", (plan: string, role: Role) => {
      if (plan === options.plan) this.takeRole(role);
    });
    line.on("resync", (plan: string) => {
      if (plan === options.plan) void this.join();
    });
    line.on("gone", (plan: string, reason: string, sentence: string) => {
      if (plan === options.plan) this.end({ kind: "gone", reason, sentence });
    });
    line.connect();
  }

  /** Calls `listener` whenever anything a person is told about has changed. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Whether the pen is open: the person may write, and what they write has somewhere to go. */
  get mayWrite(): boolean {
    return this.role === "editor" && this.trouble === null;
  }

  /** Whether anything of mine is not yet stored on the server. */
  get unsaved(): boolean {
    return this.pending.length > 0 || this.unacked.size > 0;
  }

  /** In how many places of the plan something of mine waits for the server. */
  get unsavedPlaces(): number {
    const places = new Set(this.pendingPlaces);
    for (const touched of this.unacked.values()) for (const place of touched) places.add(place);
    return Math.max(places.size, this.unsaved ? 1 : 0);
  }

  /** Whether edits survive the closing of the page. */
  get storedHere(): boolean {
    return this.options.copy !== null;
  }

  /** Until `release`, nothing of mine is sent and nothing from others changes the text `field`: somebody composes Chinese there. */
  hold(field: string): void {
    if (this.composingIn === null) this.flush();
    this.composingIn = field;
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
  }

  /** The composition is over: what waited goes out, then what waited comes in. */
  release(): void {
    this.composingIn = null;
    this.flush();
    for (const update of this.held.splice(0)) this.apply(update);
    for (const resolve of this.composed.splice(0)) resolve();
  }

  /** Puts what was just typed into the local copy and sends it, without waiting for more. */
  flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    if (this.pending.length === 0 || this.composingIn !== null) return;
    const update = Y.mergeUpdates(this.pending.splice(0));
    const places = [...this.pendingPlaces];
    this.pendingPlaces.clear();
    this.lastFlush = Date.now();
    const early = this.memoryKey--;
    this.unacked.set(early, places);
    this.storing = this.storing.then(() => this.keepAndSend(early, update, places));
  }

  /** Forgets what this browser knows of the plan, edits that nobody took included. */
  async discard(): Promise<void> {
    this.pending = [];
    this.unacked.clear();
    await this.storing;
    await this.options.copy?.clear();
    this.options.copy = null;
  }

  /** The page goes away: everything is written down, and the others see that I left. */
  close(): void {
    this.composingIn = null;
    this.flush();
    this.remember();
    this.options.awareness.setLocalState(null);
    this.sendPresence();
    if (this.joined) this.options.line.emit("leave", { plan: this.options.plan });
    this.generation += 1;
    this.joined = false;
    this.options.line.disconnect();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  private async load(): Promise<void> {
    const { copy, doc } = this.options;
    if (copy === null) return;
    try {
      const [known, edits] = await Promise.all([copy.document(), copy.unacked()]);
      for (const edit of edits) this.unacked.set(edit.key, edit.places);
      if (known !== null) {
        Y.applyUpdate(doc, known, FROM_COPY);
        this.becomeReady();
      }
      copy.compact().catch(() => this.storageFailed());
    } catch {
      this.storageFailed();
    }
  }

  private storageFailed(): void {
    if (this.options.copy === null) return;
    this.options.copy = null;
    this.changed();
  }

  private changedHere(update: Uint8Array, transaction: Y.Transaction): void {
    // A reader's editor may tidy a text as it opens it; that is nobody's edit.
    if (!this.mayWrite) return;
    this.pending.push(update);
    for (const place of placesOf(transaction)) this.pendingPlaces.add(place);
    if (this.composingIn === null) {
      const wait = Date.now() - this.lastFlush > BUSY_WAIT ? QUIET_WAIT : BUSY_WAIT;
      this.flushTimer ??= setTimeout(() => this.flush(), wait);
    }
    this.changed();
  }

  private async keepAndSend(early: number, update: Uint8Array, places: readonly string[]): Promise<void> {
    let key = early;
    try {
      if (this.options.copy !== null) key = await this.options.copy.keep(update, places);
    } catch {
      this.storageFailed();
    }
    this.unacked.delete(early);
    this.unacked.set(key, places);
    if (this.joined && this.mayWrite) this.send([key], update);
  }

  private send(keys: readonly number[], update: Uint8Array): void {
    const generation = this.generation;
    const overdue = setTimeout(() => {
      if (generation === this.generation && this.joined) void this.join();
    }, ANSWER_WAIT);
    this.options.line.emit("update", this.options.plan, wire(update), (answer: { seq: number } | Refusal) => {
      clearTimeout(overdue);
      if (generation !== this.generation) return;
      if ("error" in answer) this.refused(answer);
      else this.acknowledged(keys);
    });
  }

  private acknowledged(keys: readonly number[]): void {
    for (const key of keys) this.unacked.delete(key);
    this.failures = 0;
    this.options.copy?.acknowledge(keys.filter((key) => key > 0)).catch(() => this.storageFailed());
    this.changed();
  }

  private async join(): Promise<void> {
    const generation = ++this.generation;
    const current = () => generation === this.generation && this.options.line.connected && this.trouble === null;
    this.joined = false;
    clearTimeout(this.retryTimer);
    await this.storing;
    await this.takeOtherWindowsEdits();
    if (!current()) return;
    const answer = await this.ask({
      plan: this.options.plan,
      schema: this.options.schema,
      state_vector: wire(Y.encodeStateVector(this.options.doc)),
    });
    if (!current()) return;
    if (answer === null) { this.retry(); return; }
    if ("error" in answer) { this.refused(answer); return; }
    this.receive(bytes(answer.update));
    await this.notComposing();
    this.flush();
    await this.storing;
    if (!current()) return;
    this.arrived(answer);
  }

  private arrived(answer: Joined): void {
    this.joined = true;
    this.lostAt = null;
    this.role = answer.role;
    this.becomeReady();
    if (this.mayWrite) this.sendWhatIsMissing(bytes(answer.state_vector));
    this.sendPresence();
    this.changed();
  }

  private sendWhatIsMissing(serverVector: Uint8Array): void {
    const { doc } = this.options;
    const server = Y.decodeStateVector(serverVector);
    const here = Y.decodeStateVector(Y.encodeStateVector(doc));
    const lacks = [...here].some(([client, clock]) => clock > (server.get(client) ?? 0));
    if (lacks || this.unacked.size > 0) this.send([...this.unacked.keys()], Y.encodeStateAsUpdate(doc, serverVector));
  }

  /** Edits that another window of this browser could not send any more are sent by this one. */
  private async takeOtherWindowsEdits(): Promise<void> {
    try {
      for (const edit of (await this.options.copy?.unacked()) ?? []) {
        if (this.unacked.has(edit.key)) continue;
        this.unacked.set(edit.key, edit.places);
        this.apply(edit.update, FROM_COPY);
      }
    } catch {
      this.storageFailed();
    }
  }

  /** The answer to `join`, or null when none came in time. */
  private ask(request: Record<string, unknown>): Promise<Joined | Refusal | null> {
    return new Promise((resolve) => {
      const overdue = setTimeout(() => resolve(null), ANSWER_WAIT);
      this.options.line.emit("join", request, (answer: Joined | Refusal) => {
        clearTimeout(overdue);
        resolve(answer);
      });
    });
  }

  private notComposing(): Promise<void> {
    return this.composingIn === null ? Promise.resolve() : new Promise((resolve) => this.composed.push(resolve));
  }

  private refused({ error, message = "" }: Refusal): void {
    switch (error) {
      case "read_only":
        { this.takeRole("reader"); return; }
      case "schema":
        { this.end({ kind: "schema" }); return; }
      case "not_found":
      case "signed_out":
      case "gone":
        { this.end({ kind: "gone", reason: error, sentence: message }); return; }
      case "invalid":
      case "too_large":
        { this.end({ kind: "refused", sentence: message }); return; }
      default:
        { this.retry(); return; }
    }
  }

  private retry(): void {
    this.joined = false;
    const wait = RETRY_WAITS[Math.min(this.failures++, RETRY_WAITS.length - 1)];
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      if (this.options.line.connected && this.trouble === null) void this.join();
    }, wait);
    this.changed();
  }

  private takeRole(role: Role): void {
    const opened = role === "editor" && this.role === "reader";
    this.role = role;
    if (opened && this.trouble === null) void this.join();
    this.changed();
  }

  private lost(): void {
    this.generation += 1;
    this.joined = false;
    this.lostAt ??= Date.now();
    const { awareness, doc, line } = this.options;
    const others = [...awareness.getStates().keys()].filter((client) => client !== doc.clientID);
    awarenessProtocol.removeAwarenessStates(awareness, others, FROM_SERVER);
    // A server that says goodbye is not called again by Socket.IO itself.
    if (!line.active && this.trouble === null) {
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => line.connect(), 1_000 + Math.random() * 1_000);
    }
    this.changed();
  }

  private end(trouble: Trouble): void {
    this.flush();
    this.trouble ??= trouble;
    this.joined = false;
    this.generation += 1;
    clearTimeout(this.retryTimer);
    this.options.line.disconnect();
    this.becomeReady();
    this.changed();
  }

  private receive(update: Uint8Array): void {
    if (this.composingIn !== null) {
      const touched = rootsTouched(this.options.doc, update);
      if (touched === null || touched.has(this.composingIn)) {
        this.held.push(update);
        return;
      }
    }
    this.apply(update);
  }

  private apply(update: Uint8Array, origin: typeof FROM_SERVER | typeof FROM_COPY = FROM_SERVER): void {
    const apply = () => Y.applyUpdate(this.options.doc, update, origin);
    if (this.options.around) this.options.around(apply);
    else apply();
    if (origin === FROM_SERVER) {
      this.fromServer.push(update);
      this.rememberTimer ??= setTimeout(() => this.remember(), REMEMBER_WAIT);
    }
  }

  private remember(): void {
    clearTimeout(this.rememberTimer);
    this.rememberTimer = undefined;
    if (this.fromServer.length === 0) return;
    const update = Y.mergeUpdates(this.fromServer.splice(0));
    this.options.copy?.remember(update).catch(() => this.storageFailed());
  }

  private sendPresence(): void {
    clearTimeout(this.presenceTimer);
    this.presenceTimer = undefined;
    if (!this.joined) return;
    const { awareness, doc, line, plan } = this.options;
    line.emit("awareness", plan, wire(awarenessProtocol.encodeAwarenessUpdate(awareness, [doc.clientID])));
  }
}
