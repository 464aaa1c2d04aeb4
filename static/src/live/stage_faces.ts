/**
 * Pictures of the ends in their places on a screen. A place holds one film of each camera; the sound comes with the first.
 *
 * With two cameras the one is large and the other in its corner: the teacher where the lesson is given, the pupils elsewhere.
 */

import { fitPlaces } from "./media/places";
import type { Camera, Media } from "./media/types";
import type { Config } from "./protocol";
import type { Room } from "./room";

/** Puts the pictures of `media` into the place of each endpoint, as they come and go, each as large as its place needs. */
export function showFaces(media: Media, places: ReadonlyMap<string, HTMLElement>, { classrooms, me }: Config): void {
  const own = me.endpoint;
  for (const { id, role } of classrooms) places.get(`c${id}`)?.classList.add("faces", `faces-${role}`);
  const put = (endpoint: string, camera: Camera, stream: MediaStream) => {
    const place = places.get(endpoint);
    if (!place) return;
    const video = filmIn(place, camera);
    if (video.srcObject === stream) return;
    video.srcObject = stream;
    video.muted = endpoint === own;
    media.play(video);
  };
  const take = (endpoint: string, camera: Camera) => places.get(endpoint)?.querySelector(`video[data-camera="${camera}"]`)?.remove();
  media.on("stream", put);
  media.on("gone", take);
  media.on("local", (streams) => {
    for (const camera of ["main", "second"] as const) {
      const stream = streams[camera];
      if (stream) put(own, camera, stream);
      else take(own, camera);
    }
  });
  for (const [endpoint, streams] of media.streams) {
    for (const camera of ["main", "second"] as const) if (streams[camera]) put(endpoint, camera, streams[camera]);
  }
  fitPlaces(media, places);
}

/** Microphone, cameras and teaching mode of this end are what the room says, now and after every reconnection. */
export function followRoom(media: Media, room: Room): void {
  const follow = () => {
    const own = room.state.classrooms[String(room.me.classroom)];
    if (!own) return;
    media.mute(own.muted);
    media.camera("main", own.cameras.teacher);
    media.camera("second", own.cameras.pupils);
    media.setMode(own.mode);
  };
  let before: unknown = null;
  room.subscribe((state) => {
    const own = state.classrooms[String(room.me.classroom)];
    if (own === before) return;
    before = own;
    follow();
  });
  follow();
}

function filmIn(place: HTMLElement, camera: Camera): HTMLVideoElement {
  const known = place.querySelector<HTMLVideoElement>(`video[data-camera="${camera}"]`);
  if (known) return known;
  const video = document.createElement("video");
  video.dataset["camera"] = camera;
  video.dataset["empty"] = ""; // a camera that gives nothing covers nothing
  video.addEventListener("loadeddata", () => delete video.dataset["empty"], { once: true });
  video.playsInline = true;
  video.autoplay = true;
  place.prepend(video);
  return video;
}
