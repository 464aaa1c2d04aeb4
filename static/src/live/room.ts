/**
 * A screen's place in the room of a live lesson: it joins, hears what happens, folds it into `state`, and asks for things.
 *
 * What it asks for is sent again until the server has answered, after reconnections and, where `keep` is set, after the page was
 * loaded again; the key of each lets the server do it once. While the line is down everything stays as it was.
 */

import { io, type Socket } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

import { _ } from "../shared/words";
import type { Line } from "../shared/line";
import type { Asked, Config, Event, Joined, Kind, Me, Measured, Refusal, Signal, State, Wave } from "./protocol";
import { apply, beginning } from "./state";

const ANSWER_WAIT = 8_000;
/** The server speaks every second: a line that has been still for so long is dead, even if it does not know. */
const SILENCE = 5_000;
const LOOK_EVERY = 1_000;
const RETRY_WAITS = [500, 1_000, 2_000, 4_000];
const KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

export interface RoomOptions {
  session: string;
  line: Line;
  me: Me;
  classrooms: readonly number[];
  /** The server's clock when the page was made. */
  now?: number;
  /** Where what was asked is kept until it is answered: for phones, which lose pages. Null: in memory only. */
  keep?: Storage | null;
  /** The tab's own id; the same after a reload. */
  screen?: string;
}

/** How the line is: `gone` for good, with a sentence. */
export type Connection = "joining" | "joined" | "lost" | "gone";

export type Listener = (state: State, events: readonly Event[]) => void;

/** What the server has refused, in a sentence for the person. */
export class Refused extends Error {
  constructor(readonly code: string, sentence: string) {
    super(sentence);
  }
}

interface Asking {
  readonly kind: Kind;
  readonly data: unknown;
  readonly key: string;
  readonly done?: (seq: number) => void;
  readonly refused?: (reason: Error) => void;
}

export class Room {
  state: State;
  me: Me;
  connection: Connection = "joining";
  /** When the line was lost, by this browser's clock; null while it is up. */
  lostAt: number | null = null;
  /** Why the room is closed to this screen, as a sentence; empty while it is not. */
  farewell = "";
  readonly session: string;
  readonly screen: string;

  private readonly line: Line;
  private readonly keep: Storage | null;
  private readonly listeners = new Set<Listener>();
  private readonly waves = new Set<(wave: Wave) => void>();
  private readonly signals = new Set<(signal: Signal) => void>();
  private asking: Asking[] = [];
  /** Events that came before the answer to `join`. */
  private early: Event[] = [];
  private known = false;
  private heardAt = 0;
  private lookTimer: ReturnType<typeof setInterval> | undefined;
  private difference: number;
  private best = Infinity;
  private failures = 0;
  private generation = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomOptions) {
    this.session = options.session;
    this.line = options.line;
    this.me = options.me;
    this.keep = options.keep ?? null;
    this.screen = options.screen ?? screenOf();
    this.state = beginning(options.classrooms, options.me.role === "lead");
    this.difference = (options.now ?? Date.now()) - Date.now();
    this.asking = this.kept();
    this.listen();
    this.lookTimer = setInterval(() => this.lookAtLine(), LOOK_EVERY);
    this.line.connect();
  }

  /** The server's clock, in milliseconds since 1970: `at` in events and moments in the state are told by it. */
  now(): number {
    return Date.now() + this.difference;
  }

  /** Calls `listener` after everything that changes the state or the line. Returns how to stop that. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onWave(listener: (wave: Wave) => void): () => void {
    this.waves.add(listener);
    return () => this.waves.delete(listener);
  }

  onSignal(listener: (signal: Signal) => void): () => void {
    this.signals.add(listener);
    return () => this.signals.delete(listener);
  }

  /** How many things of mine have not been answered yet. */
  get waiting(): number {
    return this.asking.length;
  }

  /** The sentence about the line, empty while all is well. */
  get lineInWords(): string {
    if (this.connection === "gone") return this.farewell;
    if (this.lostAt === null) return "";
    return _("已断开 {seconds} 秒，正在恢复", { seconds: Math.max(0, Math.round((Date.now() - this.lostAt) / 1000)) });
  }

  /** Asks the server for something. Fulfilled with the number of the event once it is kept; `Refused` says why not. */
  do<Name extends Kind>(kind: Name, data: Asked[Name]): Promise<number> {
    return new Promise((done, refused) => {
      const asking: Asking = { kind, data, key: newKey(), done, refused };
      this.asking.push(asking);
      this.remember();
      if (this.connection === "joined") this.send(asking);
      else if (this.connection === "gone") this.refuse(asking, new Refused("gone", this.farewell));
      this.tell([]);
    });
  }

  /** Shows the others where I point or draw right now; kept nowhere, and lost while the line is down. */
  wave(wave: Wave): void {
    if (this.connection === "joined") this.line.emit("wave", this.session, wave);
  }

  signal(signal: Signal): void {
    if (this.connection === "joined") this.line.emit("signal", this.session, signal);
  }

  /** Tells what was measured of the line. */
  measured(measured: Measured): void {
    if (this.connection === "joined") this.line.emit("net", { session: this.session, ...measured });
  }

  /** The page goes away. */
  close(): void {
    this.generation += 1;
    clearTimeout(this.retryTimer);
    clearInterval(this.lookTimer);
    this.line.disconnect();
  }

  private listen(): void {
    const mine = <Rest extends unknown[]>(take: (...rest: Rest) => void) => (session: string, ...rest: Rest) => {
      if (session === this.session) take(...rest);
    };
    this.line.on("connect", () => void this.join());
    this.line.on("disconnect", () => this.lost());
    this.line.on("connect_error", (error: Error & { data?: Refusal }) => {
      if (error.data?.error === "signed_out") this.end(error.data.message);
      else this.lost();
    });
    this.line.on("events", mine((events: readonly Event[]) => {
      this.heardAt = Date.now();
      if (this.connection === "joined") this.takeIn(events);
      else this.early.push(...events);
    }));
    this.line.on("beat", mine(() => {
      this.heardAt = Date.now();
      this.line.emit("here", this.session);
    }));
    this.line.on("resync", mine(() => void this.join()));
    this.line.on("gone", mine((_reason: string, sentence: string) => this.end(sentence)));
    this.line.on("wave", mine((wave: Wave) => { for (const listener of this.waves) listener(wave); }));
    this.line.on("signal", mine((signal: Signal) => { for (const listener of this.signals) listener(signal); }));
  }

  private async join(): Promise<void> {
    const generation = ++this.generation;
    if (this.connection === "joined") this.connection = "joining";
    this.early = [];
    clearTimeout(this.retryTimer);
    const asked = Date.now();
    const answer = await this.ask<Joined>("join", {
      session: this.session,
      screen: this.screen,
      ...(this.known ? { seq: this.state.seq } : {}),
      ...(this.isClassroom ? { classroom: this.me.classroom } : {}),
    });
    if (generation !== this.generation || this.connection === "gone") return;
    if (answer === null) { this.retry(); return; }
    if ("error" in answer) { this.joinRefused(answer); return; }
    this.setClock(answer.now, asked);
    if (!this.arrived(answer)) { void this.join(); return; }
    for (const asking of [...this.asking]) this.send(asking);
  }

  /** False when it has to be asked for the whole state, for this screen is another than before. */
  private arrived(joined: Joined): boolean {
    const same = (["role", "classroom", "person", "pupil"] as const).every((name) => joined.me[name] === this.me[name]);
    this.me = joined.me;
    if (joined.state === undefined && !same) {
      this.known = false;
      return false;
    }
    this.connection = "joined";
    this.known = true;
    this.lostAt = null;
    this.failures = 0;
    if (joined.state !== undefined) this.state = joined.state;
    const news = joined.events ?? [];
    this.fold(news);
    // What is not for this screen has numbers, too.
    if (joined.seq > this.state.seq) this.state = { ...this.state, seq: joined.seq };
    this.heardAt = Date.now();
    const early = this.early.splice(0);
    this.fold(early);
    this.tell([...news, ...early]);
    return true;
  }

  /** Whether this is the screen of a classroom, let in by its code. */
  private get isClassroom(): boolean {
    return this.me.role === "pupil" && this.me.pupil === null;
  }

  /** A line that is dead without knowing is taken up anew. */
  private lookAtLine(): void {
    if (this.connection === "lost") this.tell([]);
    if (this.connection !== "joined" || Date.now() - this.heardAt < SILENCE) return;
    this.lost();
    this.line.disconnect();
    this.line.connect();
  }

  private takeIn(events: readonly Event[]): void {
    this.fold(events);
    this.tell(events);
  }

  private fold(events: readonly Event[]): void {
    for (const event of events) if (event[0] > this.state.seq) this.state = apply(this.state, event);
  }

  /** The answer that came back fastest tells best what the server's clock says. */
  private setClock(now: number, asked: number): void {
    const took = Date.now() - asked;
    if (took > this.best && took > 200) return;
    this.best = took;
    this.difference = now + took / 2 - Date.now();
  }

  private send(asking: Asking): void {
    const generation = this.generation;
    const asked = Date.now();
    const request = { session: this.session, kind: asking.kind, data: asking.data, key: asking.key };
    void this.ask<{ seq: number; now: number }>("do", request).then((answer) => {
      if (!this.asking.includes(asking)) return;
      if (answer === null) {
        if (generation === this.generation && this.connection === "joined") void this.join();
      } else if ("error" in answer) {
        this.answered(asking, answer, generation);
      } else {
        this.setClock(answer.now, asked);
        this.forget(asking);
        asking.done?.(answer.seq);
        this.tell([]);
      }
    });
  }

  private answered(asking: Asking, refusal: Refusal, generation: number): void {
    if (refusal.error === "not_stored" || refusal.error === "not_joined") {
      if (generation === this.generation) this.retry();
      return;
    }
    this.refuse(asking, new Refused(refusal.error, refusal.message));
    this.tell([]);
  }

  private refuse(asking: Asking, reason: Refused): void {
    this.forget(asking);
    asking.refused?.(reason);
  }

  private ask<Answer>(event: string, request: Record<string, unknown>): Promise<Answer | Refusal | null> {
    return new Promise((resolve) => {
      const overdue = setTimeout(() => resolve(null), ANSWER_WAIT);
      this.line.emit(event, request, (answer: Answer | Refusal) => {
        clearTimeout(overdue);
        resolve(answer);
      });
    });
  }

  private joinRefused(refusal: Refusal): void {
    if (refusal.error === "not_stored" || refusal.error === "too_many") this.retry();
    else this.end(refusal.message);
  }

  private retry(): void {
    if (this.connection === "gone") return;
    const wait = RETRY_WAITS[Math.min(this.failures++, RETRY_WAITS.length - 1)];
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      if (this.line.connected) void this.join();
    }, wait);
  }

  private lost(): void {
    if (this.connection === "gone") return;
    this.generation += 1;
    this.connection = "lost";
    this.lostAt ??= Date.now();
    // A server that says goodbye is not called again by Socket.IO itself.
    if (!this.line.active) {
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => this.line.connect(), 500 + Math.random() * 500);
    }
    this.tell([]);
  }

  private end(sentence: string): void {
    this.generation += 1;
    this.connection = "gone";
    this.farewell = sentence;
    clearTimeout(this.retryTimer);
    clearInterval(this.lookTimer);
    this.line.disconnect();
    for (const asking of [...this.asking]) this.refuse(asking, new Refused("gone", sentence));
    this.tell([]);
  }

  private tell(events: readonly Event[]): void {
    for (const listener of this.listeners) listener(this.state, events);
  }

  // --- what is not answered yet

  private get place(): string {
    return `live:${this.session}:${this.me.person ?? `c${this.me.classroom ?? ""}`}`;
  }

  private kept(): Asking[] {
    try {
      const kept = JSON.parse(this.keep?.getItem(this.place) ?? "[]") as Asking[];
      return kept.map(({ kind, data, key }) => ({ kind, data, key }));
    } catch {
      return [];
    }
  }

  private remember(): void {
    try {
      this.keep?.setItem(this.place, JSON.stringify(this.asking.map(({ kind, data, key }) => ({ kind, data, key }))));
    } catch {
      // A browser that keeps nothing: it stays in memory.
    }
  }

  private forget(asking: Asking): void {
    this.asking = this.asking.filter((each) => each !== asking);
    this.remember();
  }
}

/** Enters the room that the page is about. */
export function enterRoom(config: Config): Room {
  const phone = config.me.role === "helper" || config.me.role === "observer";
  return new Room({
    session: config.session.code,
    line: openLine(),
    me: config.me,
    classrooms: config.classrooms.map((each) => each.id),
    now: config.now,
    keep: phone ? localStorage : null,
  });
}

function openLine(): Socket {
  const line = io("/live", {
    parser: msgpack,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout: 5_000,
    reconnectionDelay: 300,
    reconnectionDelayMax: 2_000,
  });
  window.addEventListener("online", () => line.connect());
  return line;
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => KEY_LETTERS[byte % KEY_LETTERS.length]).join("");
}

/** The tab's id: kept for the tab, so that a page loaded again is the same screen. */
function screenOf(): string {
  try {
    const kept = sessionStorage.getItem("live:screen") ?? newKey();
    sessionStorage.setItem("live:screen", kept);
    return kept;
  } catch {
    return newKey();
  }
}
