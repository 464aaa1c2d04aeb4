/** What sound and pictures of a room look like to the screens that show them (docs/live.md, "Media"). */

/** 教师画面 and 学生画面 of a classroom. The sound travels with the first. */
export type Camera = "main" | "second";

/** ① two-way video ② main video only ③ voice ④ and ⑤ nothing. */
export type Mode = 1 | 2 | 3 | 4 | 5;

/** How large the place of a picture is: `small` is a face in a strip, which costs its sender a quarter of a full one. */
export type Size = "small" | "full";

/** How sound and pictures travel; `outside` is a meeting elsewhere, by its link. */
export type MediaKind = "mesh" | "janus" | "outside" | "none";

export interface Streams {
  main?: MediaStream;
  second?: MediaStream;
}

export interface MediaState {
  kind: MediaKind;
  line: "connecting" | "connected" | "reconnecting" | "off";
  /** A sentence for the person; empty while all is as it should be. */
  why: string;
  /** The address of the meeting elsewhere, when `kind` is `outside`. */
  link: string;
  /** Whether this screen's microphone is heard by the others right now: its own switch, being on air, the lead's word. */
  heard: boolean;
}

/** What getStats says of the line, in the form of the `net` event of docs/live.md. */
export interface LineReport {
  /** 0 (nothing gets through) to 4 (good). */
  level: number;
  /** Milliseconds there and back. */
  rtt: number;
  /** Share of packets lost, 0 to 1. */
  loss: number;
  /** Bits per second, in and out. */
  received: number;
  sent: number;
  mode: Mode;
}

export interface MediaEvents {
  /** A picture or sound has come, or its tracks are other ones than before: without a video track the camera is off. */
  stream: (endpoint: string, camera: Camera, stream: MediaStream) => void;
  gone: (endpoint: string, camera: Camera) => void;
  state: (state: MediaState) => void;
  /** The own cameras and microphone as they are now. */
  local: (streams: Streams) => void;
  /** A device did not work: what is wrong and what to do, in words. The rest goes on. */
  trouble: (sentence: string) => void;
  /** The browser does not play sound before somebody has pressed something: show a button that calls `play()` on the elements. */
  blocked: () => void;
  net: (report: LineReport) => void;
}

/** What the media need of a joined room: the `signal` event of the socket. */
export interface SignalLine {
  /** The own endpoint, `c<classroom>` or `p<person>`, and the id of this tab as sent with `join`. */
  readonly endpoint: string;
  readonly screen: string;
  signal(payload: Record<string, unknown>): void;
  /** Called with every `signal` from the server; the answer stops it. */
  onSignal(listener: (payload: Record<string, unknown>) => void): () => void;
  /** Called whenever the room was joined again after the line was lost; the answer stops it. */
  onJoined(listener: () => void): () => void;
}

export interface Choice {
  /** `none` watches and listens only. The server gives nobody more than the schedule allows. */
  send: "both" | "audio" | "none";
  /** The cameras that this screen sends. */
  cameras: Camera[];
}

export interface Media {
  /** The pictures and sounds of the others, by endpoint. */
  readonly streams: ReadonlyMap<string, Streams>;
  readonly local: Streams;
  readonly state: MediaState;
  readonly mode: Mode;
  on<Name extends keyof MediaEvents>(name: Name, listener: MediaEvents[Name]): () => void;
  setMode(mode: Mode): void;
  /** The own microphone's switch. */
  mute(muted: boolean): void;
  /** Turn an own camera on or off. */
  camera(which: Camera, on: boolean): void;
  /** Let an element play; where the browser refuses, `blocked` is said. */
  play(element: HTMLMediaElement): void;
  /** The endpoints whose pictures have a place on this screen, and how large; only these are fetched. `null`: all, full. Sound always is. */
  show(places: ReadonlyMap<string, Size> | null): void;
  /** The cameras and microphones that there are, and which is taken for what; remembered by the browser. */
  devices(): Promise<MediaDeviceInfo[]>;
  choose(what: Camera | "sound", device: string): void;
  close(): void;
}
