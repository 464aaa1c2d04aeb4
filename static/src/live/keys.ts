/** Keys and buttons of a remote control in front of the class. */

export type Command = "next" | "previous" | "next_step" | "board";

interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  PageDown: "next",
  ArrowRight: "next",
  ArrowDown: "next",
  " ": "next",
  PageUp: "previous",
  ArrowLeft: "previous",
  ArrowUp: "previous",
  b: "board",
  B: "board",
};

/** What a key asks for, or null. */
export function commandOf(pressed: Pressed): Command | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  if (pressed.shiftKey && pressed.key === "PageDown") return "next_step";
  return COMMANDS[pressed.key] ?? null;
}

/** Whether keys belong to what has the focus: somebody writes, a dialogue or menu is open, or a button would be pressed. */
function taken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("input, textarea, select, [contenteditable], dialog, [role=menu]")) return true;
  return event.key === " " && target?.closest("button, a, summary") !== null;
}

/** Listens to the keys of the lesson. A button pressed by mouse does not keep the focus, so that the space bar goes on turning pages. */
export function listenToKeys(run: (command: Command) => void): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || taken(event)) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    run(command);
  });
  document.addEventListener("click", (event) => {
    const focused = document.activeElement;
    if (event.detail > 0 && focused instanceof HTMLButtonElement && !focused.closest("dialog")) focused.blur();
  });
}

/** Something that wants to be asked for twice within three seconds. */
export class Twice {
  private armed: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void) {}

  /** What has been asked for once. */
  get waiting(): string | null {
    return this.armed;
  }

  /** True when this is the second time. */
  ask(what: string): boolean {
    const again = this.armed === what;
    clearTimeout(this.timer);
    this.armed = again ? null : what;
    if (!again) this.timer = setTimeout(() => this.forget(), 3_000);
    this.changed();
    return again;
  }

  private forget(): void {
    this.armed = null;
    this.changed();
  }
}
