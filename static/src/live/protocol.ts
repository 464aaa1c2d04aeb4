/** What goes between the screens of a live lesson and the server: docs/live.md, in types. */

export type Role = "lead" | "helper" | "pupil" | "observer" | "patrol" | "director";
export type Phase = "waiting" | "open" | "running" | "ended";
export type Layout = "teach" | "interact" | "discuss";
export type Mark = "present" | "absent" | "leave" | "late";
export type Mode = 1 | 2 | 3 | 4 | 5;
export type Level = 0 | 1 | 2 | 3 | 4;
export type MediaKind = "mesh" | "janus" | "outside" | "none";
export type CheckKind = "choice" | "truefalse" | "count";

/** Who this screen is. `person` is null for the screen of a classroom and for pupils; `pupil` is set for a pupil at home only. */
export interface Me {
  readonly role: Role;
  readonly classroom: number | null;
  readonly person: number | null;
  readonly pupil: number | null;
  readonly name: string;
  readonly endpoint: string;
}

/** A page of a file: slides, or a picture (number 1). */
export interface Page {
  readonly resource: string;
  readonly version: number;
  readonly number: number;
}

/** A film or sound that runs on every screen: it stood at `at` seconds when the server's clock said `since`. */
export interface Clip {
  readonly resource: string;
  readonly version: number;
  readonly playing: boolean;
  readonly at: number;
  readonly since: number;
}

export interface Stroke {
  readonly id: string;
  readonly tool: "pen" | "marker" | "line" | "rect" | "ellipse" | "text";
  readonly color: string;
  readonly width: number;
  /** x, y, x, y, … in thousandths of the slide or board. */
  readonly points: readonly number[];
  readonly text?: string;
  /** "board" or "page:<resource>:<number>". */
  readonly on: string;
}

/** What screens ask for with `do`, by kind. */
export interface Asked {
  open: Record<string, never>;
  begin: Record<string, never>;
  end: Record<string, never>;
  reopen: Record<string, never>;
  /** The server adds the page that the step begins with. */
  step: { step: string };
  page: Page | { resource: null };
  clip: { resource: string; version: number; playing: boolean; at: number } | { resource: null };
  layout: { layout: Layout };
  board: { open: boolean };
  stroke: { step: string; stroke: Stroke };
  unstroke: { step: string; id: string };
  wipe: { step: string; on: string };
  timer: { seconds: number };
  ready: { done: number; total: number };
  hand: { up: boolean; pupil?: number };
  air: { classroom: number | null };
  mute: { classroom: number; muted: boolean };
  camera: { classroom: number; which: "teacher" | "pupils"; on: boolean };
  check: { id: string; kind: CheckKind; question: string; options: readonly string[] };
  count: { id: string; classroom: number; counts: readonly number[] };
  check_shown: { id: string; shown: boolean };
  check_closed: { id: string };
  chat: { id: string; text: string; to: "all" | "lead" };
  chat_paused: { paused: boolean };
  chat_removed: { id: string };
  roll: { pupil: number; mark: Mark };
  takeover: { on: boolean };
  local_step: { step: string };
  trouble: { text: string };
  recording: { state: "on" | "off" | "failed"; why: string };
}

export type Kind = keyof Asked;

/** What events carry, by kind: what was asked for, and what the server says of itself. */
export interface Carried extends Omit<Asked, "step" | "hand" | "chat" | "recording"> {
  /** `page` is the one that the step begins with. */
  step: { step: string; page: Page | null };
  hand: { up: boolean };
  /** A hand of a pupil: for the lead and the pupil's own classroom. */
  hand_of: { up: boolean; pupil: number; name: string };
  chat: { id: string; text: string; to: "all" | "lead"; name: string };
  enter: { screen: string; role: Role; name: string; pupil?: number };
  /** `until`: when it was last there, some seconds before the event. */
  leave: { screen: string; role: Role; name: string; until: number };
  net: { level: Level; mode: Mode; why: string };
  media: { kind: MediaKind; why: string };
  /** `screen` records, as the server calls it; lists of before do not say it. */
  recording: { state: "on" | "off" | "failed"; why: string; screen?: string };
}

/** `[seq, at, kind, by, classroom, data]`; kinds and data are those of `Carried`. */
export type Event = readonly [seq: number, at: number, kind: string, by: number | null, classroom: number | null, data: Readonly<Record<string, unknown>>];

export interface Classroom {
  /** Screens of the classroom that are in: its own and, in the main classroom, those of the lead. */
  readonly screens: number;
  readonly present_since: number | null;
  /** When one of its screens was last there that has left, while another is in. */
  readonly last_left: number | null;
  /** Milliseconds of the lesson that it was there, without those since `present_since`. */
  readonly minutes_ms: number;
  readonly hand: number | null;
  readonly air: boolean;
  readonly air_since: number | null;
  readonly muted: boolean;
  readonly cameras: { readonly teacher: boolean; readonly pupils: boolean };
  readonly net: Level | null;
  readonly mode: Mode;
  readonly why: string;
  readonly ready: { readonly done: number; readonly total: number } | null;
  readonly takeover: number | null;
  readonly local_step: string | null;
  readonly trouble: { readonly text: string; readonly at: number } | null;
  /** The last three are counted for the lead only. */
  readonly last_spoke: number | null;
  readonly called: number;
  readonly air_ms: number;
}

export interface Present {
  readonly person: number | null;
  readonly pupil: number | null;
  readonly name: string;
  readonly role: Role;
  readonly classroom: number | null;
}

export interface Check {
  readonly id: string;
  readonly kind: CheckKind;
  readonly question: string;
  readonly options: readonly string[];
  readonly at: number;
  readonly step: string | null;
  /** By classroom. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
  readonly shown: boolean;
  readonly closed: number | null;
}

/** `by` is null and `name` empty for the screen of a classroom and for a pupil: `classroom` says where it comes from. */
export interface Message {
  readonly id: string;
  readonly text: string;
  readonly to: "all" | "lead";
  readonly by: number | null;
  readonly name: string;
  readonly classroom: number | null;
  readonly at: number;
}

export interface Hand {
  readonly pupil: number;
  readonly name: string;
  readonly at: number;
}

/** What the events amount to. Keys of `classrooms`, `hands`, `roll` and `counts` are numbers of classrooms as strings. */
export interface State {
  readonly seq: number;
  /** Whether it is counted who spoke: for the lead only. */
  readonly fair: boolean;
  readonly phase: Phase;
  readonly opened: number | null;
  readonly began: number | null;
  readonly ended: number | null;
  readonly step: string | null;
  readonly step_began: number | null;
  /** Milliseconds by step, without those since `step_began`. */
  readonly spent: Readonly<Record<string, number>>;
  readonly page: Page | null;
  readonly clip: Clip | null;
  readonly layout: Layout;
  readonly board: boolean;
  readonly strokes: Readonly<Record<string, readonly Stroke[]>>;
  readonly timer: { readonly ends: number; readonly seconds: number } | null;
  readonly classrooms: Readonly<Record<string, Classroom>>;
  readonly people: Readonly<Record<string, Present>>;
  readonly check: Check | null;
  readonly checks: readonly Check[];
  readonly chat: { readonly paused: boolean; readonly messages: readonly Message[] };
  readonly roll: Readonly<Record<string, Readonly<Record<string, Mark>>>>;
  readonly hands: Readonly<Record<string, readonly Hand[]>>;
  readonly media: { readonly kind: MediaKind; readonly why: string };
  /** `screen` records, or was the last that did. */
  readonly recording: { readonly state: "on" | "off" | "failed"; readonly since: number | null; readonly why: string; readonly screen: string };
}

export interface Refusal {
  readonly error: string;
  readonly message: string;
}

export interface Joined {
  readonly now: number;
  readonly seq: number;
  readonly me: Me;
  readonly state?: State;
  readonly events?: readonly Event[];
}

/** What a screen measured of its line. */
export interface Measured {
  readonly level: Level;
  readonly rtt: number;
  readonly loss: number;
  readonly mode: Mode;
}

export interface Wave {
  readonly kind: "pointer" | "stroke";
  readonly [more: string]: unknown;
}

/** A word between two ends of the sound and pictures. */
export interface Signal {
  readonly from?: string;
  readonly to?: string;
  readonly [more: string]: unknown;
}

export interface RunSheetFile {
  readonly resource: string;
  readonly version: number;
  readonly name: string;
  readonly kind: "slides" | "image" | "audio" | "video" | "other";
  readonly pages: number;
}

export interface RunSheetStep {
  readonly id: string;
  readonly title: string;
  readonly minutes: number | null;
  /** Safe HTML; for adults only, as `intent`. */
  readonly teacher?: string;
  readonly pupils: string;
  readonly intent?: string;
  /** Safe HTML by the code of the campus: the lead has all, others their own. */
  readonly notes: Readonly<Record<string, string>>;
  readonly files: readonly RunSheetFile[];
}

export interface RunSheet {
  readonly title: string;
  readonly minutes: number;
  readonly steps: readonly RunSheetStep[];
}

export interface ClassroomOfSession {
  readonly id: number;
  readonly role: "main" | "listening";
  readonly campus: { readonly code: string; readonly name: string };
  /** The name of the class, empty for an end without one. */
  readonly class: string;
  readonly room: string;
  readonly pupils: number;
  readonly helper: string;
}

export interface PupilOfClass {
  readonly id: number;
  readonly name: string;
  readonly seat: number | null;
}

/** `#room-config` of every screen. */
export interface Config {
  readonly session: {
    readonly code: string;
    readonly title: string;
    readonly kind: string;
    readonly day: string;
    readonly starts_at: number;
    readonly ends_at: number;
    readonly lead: string;
  };
  readonly me: Me;
  readonly language: string;
  readonly run_sheet: RunSheet;
  readonly classrooms: readonly ClassroomOfSession[];
  /** Of one's own classroom: for its helper and for the lead. */
  readonly pupils: readonly PupilOfClass[];
  readonly now: number;
  /** `file` holds {resource}, {version} and {page}; `measure` has echo, download and upload below it. */
  readonly urls: {
    readonly pack: string;
    readonly file: string;
    readonly leave: string;
    readonly notes: string;
    readonly check: string;
    readonly measure: string;
  };
  readonly media: { readonly kind: MediaKind; readonly ice: readonly RTCIceServer[]; readonly link: string };
}

/** `/live/<code>/pack`: everything that is fetched before class. `page` of a film or sound is 0: the file itself. */
export interface Pack {
  readonly files: readonly { readonly resource: string; readonly version: number; readonly page: number; readonly url: string; readonly bytes: number | null }[];
}
