/** Who else has the plan open, and where they are. */

import { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";

import type { Person } from "./config";

/** A selection in a text, as relative positions in JSON form. */
export interface Cursor {
  readonly anchor: unknown;
  readonly head: unknown;
}

/** One window of somebody else. */
export interface Present {
  readonly client: number;
  readonly person: Person;
  /** Name of the text, or `step:<id>` for a step's head; null when they only look. */
  readonly place: string | null;
  readonly cursor: Cursor | null;
}

type Listener = (fields: ReadonlySet<string>) => void;

const COLOR = /^#[0-9a-f]{6}$/i;

export class Presence {
  readonly awareness: Awareness;
  private readonly listeners = new Set<Listener>();
  private readonly lastPlaces = new Map<number, string>();

  constructor(
    private readonly doc: Y.Doc,
    private readonly self: Person,
    private readonly palette: readonly string[] = [],
  ) {
    this.awareness = new Awareness(doc);
    this.awareness.setLocalState({ user: self, place: null, cursor: null });
    this.awareness.on("change", ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
      this.tell([...added, ...updated, ...removed]);
    });
  }

  /** Where I am now; null for `place` when I left every text. */
  moveTo(place: string | null, cursor: Cursor | null = null): void {
    const state = this.awareness.getLocalState();
    if (state === null) return;
    if (JSON.stringify([state["place"], state["cursor"]]) === JSON.stringify([place, cursor])) return;
    this.awareness.setLocalState({ ...state, place, cursor });
  }

  /** I left the text `place`, unless I am in another already. */
  leave(place: string): void {
    if (this.awareness.getLocalState()?.["place"] === place) this.moveTo(null);
  }

  /** Tells those who show the text `field` to look again. */
  redraw(field: string): void {
    for (const listener of this.listeners) listener(new Set([field]));
  }

  /** I, in the colour in which the others see me. */
  me(): Person {
    return inColor(this.self, this.colors());
  }

  /** All other windows, mine in other tabs left out. */
  others(): Present[] {
    const mine = this.self.id;
    const colors = this.colors();
    const others: Present[] = [];
    for (const [client, state] of this.awareness.getStates()) {
      const person = readPerson(state["user"]);
      if (client === this.doc.clientID || person === null || person.id === mine) continue;
      const cursor = state["cursor"] as Cursor | null | undefined;
      const place: unknown = state["place"];
      others.push({ client, person: inColor(person, colors), place: typeof place === "string" ? place : null, cursor: cursor ?? null });
    }
    return others;
  }

  /** Calls `listener` with the names of the texts in which somebody came, moved or left. */
  onChange(listener: Listener): void {
    this.listeners.add(listener);
  }

  /**
   * The colour of each person: their own unless somebody with a smaller number has it already. Everybody sees the same people, so
   * everybody comes to the same colours.
   */
  private colors(): Map<string | number, string> {
    const people = new Map<string | number, string>();
    for (const state of this.awareness.getStates().values()) {
      const person = readPerson(state["user"]);
      if (person) people.set(person.id, person.color);
    }
    const taken = new Set<string>();
    const inOrder = [...people].sort(([one], [other]) => Number(one) - Number(other));
    return new Map(
      inOrder.map(([id, own]) => {
        const color = taken.has(own) ? (this.palette.find((free) => !taken.has(free)) ?? own) : own;
        taken.add(color);
        return [id, color];
      }),
    );
  }

  private tell(clients: readonly number[]): void {
    const fields = new Set<string>();
    for (const client of clients) {
      if (client === this.doc.clientID) continue;
      const before = this.lastPlaces.get(client);
      const now: unknown = this.awareness.getStates().get(client)?.["place"];
      if (before !== undefined) fields.add(before);
      if (typeof now === "string") {
        fields.add(now);
        this.lastPlaces.set(client, now);
      } else this.lastPlaces.delete(client);
    }
    for (const listener of this.listeners) listener(fields);
  }
}

function inColor(person: Person, colors: ReadonlyMap<string | number, string>): Person {
  return { ...person, color: colors.get(person.id) ?? person.color };
}

/** What others say of themselves is checked like anything else from outside. */
function readPerson(user: unknown): Person | null {
  if (typeof user !== "object" || user === null) return null;
  const { id, name, campus, color } = user as Record<string, unknown>;
  if ((typeof id !== "string" && typeof id !== "number") || typeof name !== "string") return null;
  return {
    id,
    name,
    campus: typeof campus === "string" ? campus : "",
    color: typeof color === "string" && COLOR.test(color) ? color : "#5b7f95",
  };
}
