/** All that a browser measures of its line and devices, one after the other, and what the server says it means. */

import { checkCameras, checkMicrophone } from "./checking_devices";
import { type Addresses, browserOf, measureDelay, measureDown, measureRelay, measureUp, socketOpens } from "./checking_line";

export interface Finding {
  readonly key: string;
  readonly grade: "good" | "fair" | "bad" | "unknown";
  readonly sentence: string;
  readonly advice: string;
}

export interface Judgement {
  readonly level: number;
  readonly words: string;
  readonly findings: readonly Finding[];
  readonly kept: boolean;
}

export interface Bench {
  readonly addresses: Addresses;
  readonly ice: readonly RTCIceServer[];
  readonly cameras: HTMLElement;
  readonly meter: HTMLMeterElement;
  /** Runs one measurement, and shows meanwhile that it does. */
  readonly around: <Result>(key: string, run: () => Promise<Result>) => Promise<Result>;
}

/** Addresses below `measure`, with the token of this page. */
export function addressesBelow(measure: string): Addresses {
  return {
    echo: `${measure}/echo`,
    download: `${measure}/download`,
    upload: `${measure}/upload`,
    token: document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "",
  };
}

/** What is known of a computer before anything was measured. */
export function aboutThisComputer(): Record<string, unknown> {
  return {
    speaker: "unknown",
    width: Math.round(screen.width * devicePixelRatio),
    height: Math.round(screen.height * devicePixelRatio),
    ...browserOf(navigator.userAgent),
  };
}

/** Writes into `measured` what comes out. */
export async function measureAll({ addresses, ice, cameras, meter, around }: Bench, measured: Record<string, unknown>): Promise<void> {
  measured["socket"] = await around("socket", socketOpens);
  Object.assign(measured, await around("delay", () => measureDelay(addresses)));
  await around("speed", async () => {
    measured["down"] = await measureDown(addresses);
    measured["up"] = await measureUp(addresses);
  });
  measured["relay"] = await around("relay", () => measureRelay(ice));
  Object.assign(measured, await around("camera", () => checkCameras(cameras)));
  measured["microphone"] = await around("microphone", () => checkMicrophone(meter));
}

/** Asks the server what it means. Raises with a sentence, or a TypeError when the line is lost. */
export async function judge(address: string, token: string, sent: Record<string, unknown>): Promise<Judgement> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(sent),
  });
  const said = (await answer.json()) as Judgement & { message?: string };
  if (!answer.ok) throw new Error(said.message ?? "");
  return said;
}
