/**
 * Opens the plan: the line to the server, the copy in this browser, the document.
 *
 * A page loads this before `write.ts`, so that all of it is under way while the browser still reads the code of the editors.
 */

import { io, type Socket } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import * as Y from "yjs";

import { byId } from "../shared/dom";
import type { PlanConfig } from "./config";
import { LocalCopy } from "./local_copy";
import { Presence } from "./presence";
import { SCHEMA_NUMBER } from "./schema_number";
import { keepStill } from "./stillness";
import { PlanSync } from "./sync";

function openLine(): Socket {
  const line = io("/plans", {
    parser: msgpack,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout: 8_000,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  });
  let reached = false;
  line.on("connect", () => (reached = true));
  line.on("connect_error", () => {
    // A proxy that swallows websockets lets them time out: the next try begins with polling.
    const { opts } = line.io;
    if (!reached) opts.transports = opts.transports?.[0] === "websocket" ? ["polling", "websocket"] : ["websocket", "polling"];
  });
  window.addEventListener("online", () => line.connect());
  line.io.open(); // the way to the server; the plan is asked for once the copy is open
  return line;
}

async function openCopy(): Promise<LocalCopy | null> {
  try {
    return await LocalCopy.open(config.person.id, config.plan);
  } catch {
    return null;
  }
}

async function openPlan(): Promise<PlanSync> {
  return new PlanSync({
    doc,
    awareness: presence.awareness,
    line,
    copy: await openCopy(),
    plan: config.plan,
    schema: SCHEMA_NUMBER,
    role: config.role,
    around: keepStill(),
  });
}

export const config = JSON.parse(byId("plan-config").textContent) as PlanConfig;
export const doc = new Y.Doc();
export const presence = new Presence(doc, config.person, config.colors);
/** Sockets of the plan: its text goes over it, and news of its files. */
export const line = openLine();
export const opening: Promise<PlanSync> = openPlan();
