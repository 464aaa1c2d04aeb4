/** What a phone has asked for and what was wished until the server answers: a tap is seen at once, also without a line. */

import { toast } from "../shared/toast";
import type { Asked, Kind } from "./protocol";
import type { Room } from "./room";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A name for something new: a message, a note. */
export function newName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => LETTERS[byte % LETTERS.length]).join("");
}

export class Asking {
  private readonly wishes = new Map<string, { value: unknown }>();

  /** `changed` is called when a wish comes or goes. */
  constructor(
    private readonly room: Pick<Room, "do">,
    private readonly changed: () => void,
    private readonly say: (sentence: string) => void = toast,
  ) {}

  /** Asks the server; a refusal is said. While it is open, `wished` gives `value`. */
  async ask<Name extends Kind>(kind: Name, data: Asked[Name], about?: string, value?: unknown): Promise<boolean> {
    const wish = { value };
    if (about !== undefined) this.wishes.set(about, wish);
    const answer = this.room.do(kind, data);
    this.changed();
    try {
      await answer;
      return true;
    } catch (problem) {
      this.say(problem instanceof Error ? problem.message : String(problem));
      return false;
    } finally {
      if (about !== undefined && this.wishes.get(about) === wish) this.wishes.delete(about);
      this.changed();
    }
  }

  /** What was wished about something and is not answered yet; otherwise what is known of it. */
  wished<Value>(about: string, known: Value): Value {
    const wish = this.wishes.get(about);
    return wish ? (wish.value as Value) : known;
  }

  /** Whether a wish about it is still to be answered. */
  waits(about: string): boolean {
    return this.wishes.has(about);
  }
}
