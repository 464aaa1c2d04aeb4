/** 听课记录 while it is written: every note stays in this browser until the server has it, and is numbered by it. */

import { newName } from "./helper_asking";

export type NoteKind = "strength" | "advice" | "question" | "note";

export interface Note {
  readonly key: string;
  /** The server's number; null while it has not answered. */
  readonly id: number | null;
  readonly step: string;
  /** Of the lesson; null before it has begun. */
  readonly second: number | null;
  readonly classroom: number | null;
  readonly kind: NoteKind;
  readonly text: string;
  /** What the server does not know yet. */
  readonly unsent: boolean;
  readonly removed: boolean;
}

export type Draft = Pick<Note, "step" | "second" | "classroom" | "kind" | "text">;

/** Sends to an address; rejects when there is no line, `Refused` with a sentence when the server does not want it. */
export type Post = (address: string, body: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>;

export class NoteRefused extends Error {}

const RETRY = 5_000;

export class NoteBook {
  private all: Note[];
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` after every change, `refused` with the sentence of a note that the server did not take. */
  constructor(
    private readonly place: string,
    private readonly address: string,
    private readonly post: Post,
    private readonly keep: Pick<Storage, "getItem" | "setItem">,
    private readonly changed: () => void,
    private readonly refused: (sentence: string) => void,
  ) {
    this.all = this.kept();
  }

  /** Those of a step in the order of the lesson. */
  of(step: string): Note[] {
    return this.notes.filter((note) => note.step === step);
  }

  get notes(): Note[] {
    return this.all.filter((note) => !note.removed);
  }

  /** How many changes the server does not know. */
  get unsent(): number {
    return this.all.filter((note) => note.unsent).length;
  }

  add(draft: Draft): void {
    this.put([...this.all, { ...draft, key: newName(), id: null, unsent: true, removed: false }]);
    void this.send();
  }

  change(key: string, text: string): void {
    this.put(this.all.map((note) => (note.key === key ? { ...note, text, unsent: true } : note)));
    void this.send();
  }

  remove(key: string): void {
    const note = this.all.find((each) => each.key === key);
    // One that is on its way may already be known to the server: it is taken away there, once it has its number.
    const forgotten = note?.id === null && !this.sending;
    this.put(forgotten
      ? this.all.filter((each) => each.key !== key)
      : this.all.map((each) => (each.key === key ? { ...each, removed: true, unsent: true } : each)));
    void this.send();
  }

  /** Sends what the server does not know, one after the other; tries again later without a line. */
  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      for (let next = this.next(); next; next = this.next()) await this.sendOne(next);
    } catch {
      this.timer = setTimeout(() => void this.send(), RETRY);
    } finally {
      this.sending = false;
      this.changed();
    }
  }

  private next(): Note | undefined {
    return this.all.find((note) => note.unsent);
  }

  private async sendOne(note: Note): Promise<void> {
    try {
      if (note.id === null) await this.sendNew(note);
      else if (note.removed) await this.sendRemoved(note, note.id);
      else await this.sendChanged(note, note.id);
    } catch (problem) {
      if (!(problem instanceof NoteRefused)) throw problem;
      this.refused(problem.message);
      this.put(note.id === null || note.removed
        ? this.all.filter(({ key }) => key !== note.key)
        : this.all.map((each) => (each.key === note.key ? { ...each, unsent: false } : each)));
    }
  }

  private async sendNew(note: Note): Promise<void> {
    const { key, step, second, classroom, kind, text } = note;
    const { id } = await this.post(this.address, { key, step, second, classroom, kind, text });
    // Written otherwise or taken away meanwhile: that is sent next.
    this.settle(note, { id: Number(id) });
  }

  private async sendChanged(note: Note, id: number): Promise<void> {
    await this.post(`${this.address}/${id}`, { text: note.text });
    this.settle(note, {});
  }

  private async sendRemoved(note: Note, id: number): Promise<void> {
    await this.post(`${this.address}/${id}/remove`, {});
    this.put(this.all.filter(({ key }) => key !== note.key));
  }

  private settle(sent: Note, known: Partial<Note>): void {
    this.put(this.all.map((each) => {
      if (each.key !== sent.key) return each;
      return { ...each, ...known, unsent: each.text !== sent.text || each.removed !== sent.removed };
    }));
  }

  private put(notes: Note[]): void {
    this.all = notes;
    try {
      this.keep.setItem(this.place, JSON.stringify(notes));
    } catch {
      // A browser that keeps nothing: it stays in memory.
    }
    this.changed();
  }

  private kept(): Note[] {
    try {
      return JSON.parse(this.keep.getItem(this.place) ?? "[]") as Note[];
    } catch {
      return [];
    }
  }
}
