/**
 * What the events of a live lesson amount to. The same as `platform/live/room/state.py`, kind by kind: a test folds the same
 * lists with both.
 *
 * Nothing is changed in place: what a kind does not touch stays the same object, so that screens draw only what differs.
 */

import type { Carried, Classroom, Event, Hand, Message, Present, State, Stroke } from "./protocol";

const MESSAGES = 200;

const NO_CLASSROOM: Classroom = {
  screens: 0, present_since: null, last_left: null, minutes_ms: 0, hand: null, air: false, air_since: null, muted: false,
  cameras: { teacher: true, pupils: true }, net: null, mode: 1, why: "", ready: null, takeover: null, local_step: null,
  trouble: null, last_spoke: null, called: 0, air_ms: 0,
};

/** The state before the first event. */
export function beginning(classrooms: readonly number[], fair: boolean): State {
  return {
    seq: 0, fair, phase: "waiting", opened: null, began: null, ended: null, step: null, step_began: null, spent: {},
    page: null, clip: null, layout: "teach", board: false, strokes: {}, timer: null,
    classrooms: Object.fromEntries(classrooms.map((id) => [String(id), NO_CLASSROOM])),
    people: {}, check: null, checks: [], chat: { paused: false, messages: [] }, roll: {}, hands: {},
    media: { kind: "none", why: "" }, recording: { state: "off", since: null, why: "", screen: "" },
  };
}

interface Happened<Name extends keyof Carried> {
  readonly at: number;
  readonly by: number | null;
  readonly classroom: number | null;
  readonly data: Carried[Name];
}

type Fold<Name extends keyof Carried> = (state: State, happened: Happened<Name>) => State;

/** The state after `event`. Kinds that are not known change nothing but `seq`. */
export function apply(state: State, event: Event): State {
  const [seq, at, kind, by, classroom, data] = event;
  // The server checks what a kind carries before it becomes an event.
  const fold = (FOLDS as Readonly<Record<string, Fold<never> | undefined>>)[kind];
  const after = fold?.(state, { at, by, classroom, data: data as never }) ?? state;
  return { ...after, seq };
}

function room(state: State, id: number | string | null): Classroom {
  return state.classrooms[String(id)] ?? NO_CLASSROOM;
}

function withRoom(state: State, id: number | string | null, change: Partial<Classroom>): State {
  if (id === null) return state;
  return { ...state, classrooms: { ...state.classrooms, [String(id)]: { ...room(state, id), ...change } } };
}

function everyRoom(state: State, change: (each: Classroom) => Classroom): State {
  const classrooms = Object.fromEntries(Object.entries(state.classrooms).map(([id, each]) => [id, change(each)]));
  return { ...state, classrooms };
}

/** Milliseconds that a classroom was there in the lesson, from its coming until `until`. */
function minutes(state: State, each: Classroom, until: number): number {
  if (state.phase !== "running" || state.began === null || each.present_since === null) return each.minutes_ms;
  return each.minutes_ms + Math.max(0, until - Math.max(each.present_since, state.began));
}

function stepClosed(state: State, at: number): Readonly<Record<string, number>> {
  if (state.phase !== "running" || state.step === null || state.step_began === null) return state.spent;
  return { ...state.spent, [state.step]: (state.spent[state.step] ?? 0) + Math.max(0, at - state.step_began) };
}

function offAir(state: State, each: Classroom, at: number): Classroom {
  if (each.air_since === null) return each;
  const counted = state.fair ? { air_ms: each.air_ms + Math.max(0, at - each.air_since), last_spoke: at } : {};
  return { ...each, air: false, air_since: null, ...counted };
}

/** Whether somebody's screen counts as the classroom itself: its own screen, or that of the lead who teaches in it. */
function isScreen(present: Present | undefined): boolean {
  return present !== undefined && present.classroom !== null && present.pupil === null && (present.role === "pupil" || present.role === "lead");
}

function screenGone(state: State, present: Present | undefined, until: number): State {
  if (present === undefined || !isScreen(present)) return state;
  const each = room(state, present.classroom);
  // A screen that was lost is said to have left later than one that was lost after it and shown out.
  const last = Math.max(until, each.last_left ?? until);
  if (each.screens > 1) return withRoom(state, present.classroom, { screens: each.screens - 1, last_left: last });
  return withRoom(state, present.classroom, {
    screens: 0, present_since: null, last_left: null, minutes_ms: minutes(state, each, last),
  });
}

function screenHere(state: State, present: Present, at: number): State {
  if (!isScreen(present)) return state;
  const each = room(state, present.classroom);
  return withRoom(state, present.classroom, { screens: each.screens + 1, present_since: each.present_since ?? at });
}

const without = <Value>(all: Readonly<Record<string, Value>>, key: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).filter(([each]) => each !== key));

const strokesWith = (state: State, step: string, change: (all: readonly Stroke[]) => readonly Stroke[]): State => ({
  ...state,
  strokes: { ...state.strokes, [step]: change(state.strokes[step] ?? []) },
});

function enter(state: State, { at, by, classroom, data }: Happened<"enter">): State {
  const before = state.people[data.screen];
  const present: Present = { person: by, pupil: data.pupil ?? null, name: data.name, role: data.role, classroom };
  const arrived = screenHere(state, present, at);
  const there = before === undefined ? arrived : screenGone(arrived, before, at);
  return { ...there, people: { ...state.people, [data.screen]: present } };
}

function leave(state: State, { data }: Happened<"leave">): State {
  const gone = screenGone(state, state.people[data.screen], data.until);
  return { ...gone, people: without(state.people, data.screen) };
}

function step(state: State, { at, data }: Happened<"step">): State {
  return {
    ...state, spent: stepClosed(state, at), step: data.step, step_began: at, page: data.page, clip: null, board: false,
    timer: null,
  };
}

function end(state: State, { at }: Happened<"end">): State {
  const closed = everyRoom(state, (each) => ({ ...offAir(state, each, at), minutes_ms: minutes(state, each, at) }));
  const clip = state.clip === null ? null : { ...state.clip, playing: false };
  return { ...closed, phase: "ended", ended: at, spent: stepClosed(state, at), step_began: null, timer: null, clip };
}

function reopen(state: State, { at }: Happened<"reopen">): State {
  const present = everyRoom(state, (each) => (each.present_since === null ? each : { ...each, present_since: at }));
  return { ...present, phase: "running", began: state.began ?? at, ended: null, step_began: state.step === null ? null : at };
}

function hand(state: State, { at, classroom, data }: Happened<"hand">): State {
  const raised = withRoom(state, classroom, { hand: data.up ? (room(state, classroom).hand ?? at) : null });
  return data.up ? raised : { ...raised, hands: without(state.hands, String(classroom)) };
}

function handOf(state: State, { at, classroom, data }: Happened<"hand_of">): State {
  const others = (state.hands[String(classroom)] ?? []).filter((each) => each.pupil !== data.pupil);
  const hands: Hand[] = data.up ? [...others, { pupil: data.pupil, name: data.name, at }] : others;
  return { ...state, hands: { ...state.hands, [String(classroom)]: hands } };
}

function air(state: State, { at, data }: Happened<"air">): State {
  const id = data.classroom;
  if (id !== null && room(state, id).air) return state;
  const silent = everyRoom(state, (each) => offAir(state, each, at));
  if (id === null) return silent;
  const counted = state.fair ? { called: room(silent, id).called + 1, last_spoke: at } : {};
  const called = withRoom(silent, id, { air: true, air_since: at, hand: null, ...counted });
  return { ...called, hands: without(called.hands, String(id)) };
}

function check(state: State, { at, data }: Happened<"check">): State {
  const { id, kind, question, options } = data;
  const closed = checkClosed(state, at);
  return { ...closed, check: { id, kind, question, options, at, step: state.step, counts: {}, shown: false, closed: null } };
}

function checkClosed(state: State, at: number): State {
  if (state.check === null) return state;
  return { ...state, check: null, checks: [...state.checks, { ...state.check, closed: at }] };
}

function chat(state: State, { at, by, classroom, data }: Happened<"chat">): State {
  const message: Message = { id: data.id, text: data.text, to: data.to, by, name: data.name, classroom, at };
  return { ...state, chat: { ...state.chat, messages: [...state.chat.messages, message].slice(-MESSAGES) } };
}

const FOLDS: { readonly [Name in keyof Carried]: Fold<Name> } = {
  open: (state, { at }) => (state.phase === "waiting" ? { ...state, phase: "open", opened: at } : state),
  begin: (state, { at }) => ({ ...state, phase: "running", began: state.began ?? at, step_began: state.step === null ? null : at }),
  end,
  reopen,
  step,
  page: (state, { data }) => ({
    ...state,
    clip: null,
    page: data.resource === null ? null : { resource: data.resource, version: data.version, number: data.number },
  }),
  clip: (state, { at, data }) => ({
    ...state,
    clip: data.resource === null ? null
      : { resource: data.resource, version: data.version, playing: data.playing, at: data.at, since: at },
  }),
  layout: (state, { data }) => ({ ...state, layout: data.layout }),
  board: (state, { data }) => ({ ...state, board: data.open }),
  stroke: (state, { data }) => {
    const { stroke } = data;
    return strokesWith(state, data.step, (all) => [...all.filter((each) => each.id !== stroke.id), stroke]);
  },
  unstroke: (state, { data }) => strokesWith(state, data.step, (all) => all.filter((each) => each.id !== data.id)),
  wipe: (state, { data }) => strokesWith(state, data.step, (all) => all.filter((each) => each.on !== data.on)),
  timer: (state, { at, data }) => ({
    ...state,
    timer: data.seconds > 0 ? { ends: at + data.seconds * 1000, seconds: data.seconds } : null,
  }),
  enter,
  leave,
  ready: (state, { classroom, data }) => withRoom(state, classroom, { ready: { done: data.done, total: data.total } }),
  hand,
  hand_of: handOf,
  air,
  mute: (state, { data }) => withRoom(state, data.classroom, { muted: data.muted }),
  camera: (state, { data }) =>
    withRoom(state, data.classroom, { cameras: { ...room(state, data.classroom).cameras, [data.which]: data.on } }),
  check,
  count: (state, { data }) =>
    state.check !== null && state.check.id === data.id
      ? { ...state, check: { ...state.check, counts: { ...state.check.counts, [String(data.classroom)]: data.counts } } }
      : state,
  check_shown: (state, { data }) =>
    state.check !== null && state.check.id === data.id ? { ...state, check: { ...state.check, shown: data.shown } } : state,
  check_closed: (state, { at, data }) => (state.check?.id === data.id ? checkClosed(state, at) : state),
  chat,
  chat_paused: (state, { data }) => ({ ...state, chat: { ...state.chat, paused: data.paused } }),
  chat_removed: (state, { data }) => ({
    ...state,
    chat: { ...state.chat, messages: state.chat.messages.filter((each) => each.id !== data.id) },
  }),
  roll: (state, { classroom, data }) => ({
    ...state,
    roll: { ...state.roll, [String(classroom)]: { ...state.roll[String(classroom)], [String(data.pupil)]: data.mark } },
  }),
  net: (state, { classroom, data }) => withRoom(state, classroom, { net: data.level, mode: data.mode, why: data.why }),
  takeover: (state, { at, classroom, data }) =>
    withRoom(state, classroom, data.on ? { takeover: at, local_step: state.step } : { takeover: null, local_step: null }),
  local_step: (state, { classroom, data }) => withRoom(state, classroom, { local_step: data.step }),
  trouble: (state, { at, classroom, data }) =>
    withRoom(state, classroom, { trouble: data.text === "" ? null : { text: data.text, at } }),
  media: (state, { data }) => ({ ...state, media: { kind: data.kind, why: data.why } }),
  recording: (state, { at, data }) => ({ ...state, recording: { state: data.state, since: at, why: data.why, screen: data.screen ?? "" } }),
};
