// The lead's page: enters the room, fetches the pack, takes part in sound and pictures.

import { byId } from "../shared/dom";
import { LeadScreen } from "./lead_screen";
import { connectRoom } from "./media/room_media";
import { outsideLine } from "./outside";
import { Pack, tellReady } from "./pack";
import type { Config } from "./protocol";
import { enterRoom } from "./room";
import { followRoom, showFaces } from "./stage_faces";

const config = JSON.parse(byId("room-config").textContent) as Config;
const room = enterRoom(config);
const pack = new Pack(config.session.code, config.urls);
const screen = new LeadScreen(byId("room"), room, config, pack.source);
void pack.fetchAll(tellReady(room));

screen.ends.element.prepend(outsideLine(config, room) ?? "");

if (config.media.kind !== "none" && config.media.kind !== "outside") {
  const media = connectRoom(room, { send: "both", cameras: ["main", "second"] });
  showFaces(media, screen.ends.places, config);
  followRoom(media, room);
  screen.recording.use(media);
  media.on("trouble", (sentence) => screen.ends.say(sentence));
}
