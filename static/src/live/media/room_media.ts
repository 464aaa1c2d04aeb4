/** The sound and pictures of a joined room: signals over its socket, measures of the line told to it. */

import type { Level } from "../protocol";
import type { Room } from "../room";
import { connect } from "./media";
import type { Choice, Media, SignalLine } from "./types";

const TELL_EVERY = 10_000;

export function connectRoom(room: Room, choice: Choice): Media {
  const media = connect(lineOf(room), choice);
  let told = -TELL_EVERY;
  media.on("net", ({ level, rtt, loss, mode }) => {
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    room.measured({ level: level as Level, rtt, loss, mode });
  });
  return media;
}

export function lineOf(room: Room): SignalLine {
  return {
    get endpoint() { return room.me.endpoint; },
    screen: room.screen,
    signal: (payload) => room.signal(payload),
    onSignal: (listener) => room.onSignal((signal) => listener(signal)),
    onJoined(listener) {
      let before = room.connection;
      return room.subscribe(() => {
        const now = room.connection;
        if (now === "joined" && before !== "joined") listener();
        before = now;
      });
    },
  };
}
