// The page of a classroom's screen: one big 开始, which the browser wants for sound and full screen, then nobody touches it again.

import { byId } from "../shared/dom";
import { _ } from "../shared/words";
import { ClassroomScreen } from "./classroom_screen";
import { ClassroomStart } from "./classroom_start";
import { connectRoom } from "./media/room_media";
import { Pack, tellReady } from "./pack";
import type { Config } from "./protocol";
import { enterRoom } from "./room";
import { followRoom, showFaces } from "./stage_faces";

const config = JSON.parse(byId("room-config").textContent) as Config;
const place = byId("room");
const room = enterRoom(config);
const pack = new Pack(config.session.code, config.urls);
const pictures = config.media.kind !== "none" && config.media.kind !== "outside";

const start = new ClassroomStart(place, room, config, pictures, () => {
  void document.documentElement.requestFullscreen().catch(() => undefined);
  const screen = new ClassroomScreen(place, room, config, pack.source);
  if (!pictures) return;
  const media = connectRoom(room, { send: "both", cameras: ["main", "second"] });
  showFaces(media, screen.places, config);
  followRoom(media, room);
  media.on("trouble", (sentence) => screen.say(sentence));
  media.on("blocked", () => {
    screen.say(_("浏览器没有放出声音：点一下屏幕，声音就来。"));
    document.addEventListener("pointerdown", () => place.querySelectorAll("video").forEach((film) => media.play(film)), { once: true });
  });
});

const tell = tellReady(room);
pack.fetchAll((done, total) => {
  tell(done, total);
  start.showPack(done, total);
}).catch(() => start.packFailed());
