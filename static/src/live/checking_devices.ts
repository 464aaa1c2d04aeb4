/** Whether camera, microphone and loudspeaker work: a picture of each camera, how loud it is, a tone. */

import { element } from "../shared/dom";

export type Word = "ok" | "silent" | "missing" | "refused" | "busy" | "insecure" | "failed";

const LISTEN = 4_000;
const LOUD = 0.02;

/** What a failed getUserMedia means. */
export function wordOf(problem: unknown): Word {
  if (!window.isSecureContext) return "insecure";
  const name = problem instanceof DOMException ? problem.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

function reachable(): boolean {
  return "mediaDevices" in navigator; // not there on pages without https
}

/** Shows the picture of every camera below `place`. */
export async function checkCameras(place: HTMLElement): Promise<{ camera: Word; cameras: number }> {
  stop(place);
  if (!reachable()) return { camera: wordOf(null), cameras: 0 };
  try {
    await show(place, { video: { width: 320, height: 180 } });
  } catch (problem) {
    return { camera: wordOf(problem), cameras: 0 };
  }
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const shown = place.querySelector("video")?.dataset["device"];
  for (const { deviceId } of cameras.filter((each) => each.deviceId !== shown)) {
    await show(place, { video: { deviceId: { exact: deviceId }, width: 320, height: 180 } }).catch(() => undefined);
  }
  return { camera: "ok", cameras: cameras.length };
}

async function show(place: HTMLElement, wanted: MediaStreamConstraints): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  const track = stream.getVideoTracks()[0];
  const picture = element("video", { playsinline: true, "data-device": track?.getSettings().deviceId ?? "" });
  picture.muted = true;
  picture.srcObject = stream;
  place.append(element("figure", {}, picture, element("figcaption", { class: "hint" }, track?.label ?? "")));
  await picture.play().catch(() => undefined);
}

/** Lets go of the cameras whose pictures stand below `place`. */
export function stop(place: HTMLElement): void {
  for (const picture of place.querySelectorAll("video")) {
    if (picture.srcObject instanceof MediaStream) for (const track of picture.srcObject.getTracks()) track.stop();
  }
  place.replaceChildren();
}

/** Listens for four seconds; `meter` moves with what is heard. */
export async function checkMicrophone(meter: HTMLMeterElement): Promise<Word> {
  if (!reachable()) return wordOf(null);
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (problem) {
    return wordOf(problem);
  }
  const sound = new AudioContext();
  try {
    return (await loudest(sound, stream, meter)) > LOUD ? "ok" : "silent";
  } finally {
    for (const track of stream.getTracks()) track.stop();
    await sound.close();
    meter.hidden = true;
  }
}

async function loudest(sound: AudioContext, stream: MediaStream, meter: HTMLMeterElement): Promise<number> {
  const analyser = sound.createAnalyser();
  sound.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  meter.hidden = false;
  let most = 0;
  for (const until = performance.now() + LISTEN; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    analyser.getFloatTimeDomainData(samples);
    const level = Math.max(...samples.map(Math.abs));
    most = Math.max(most, level);
    meter.value = Math.min(1, Math.sqrt(level));
  }
  return most;
}

/** Plays three rising tones. */
export async function playTone(): Promise<void> {
  const sound = new AudioContext();
  const volume = sound.createGain();
  volume.gain.value = 0.25;
  volume.connect(sound.destination);
  [440, 554, 659].forEach((frequency, index) => {
    const tone = sound.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(sound.currentTime + index * 0.3);
    tone.stop(sound.currentTime + index * 0.3 + 0.25);
  });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await sound.close();
}
