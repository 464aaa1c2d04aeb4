/** How good the line is, as the browser's own counters say: seconds there and back, what is lost, what goes through. */

import type { LineReport } from "./types";

/** What is counted between two looks. */
export interface Measured {
  /** Milliseconds there and back, of the best connection: the others may be bad for the other end's sake. Null: not known. */
  rtt: number | null;
  /** Share of the packets that were lost, either way. */
  loss: number;
  received: number;
  sent: number;
  /** How many connections stand, and how many would if the line were good. */
  connected: number;
  connections: number;
}

interface Counted {
  lost: number;
  packets: number;
  received: number;
  sent: number;
}

const LIMITS: readonly (readonly [rtt: number, loss: number])[] = [[800, 0.15], [400, 0.08], [200, 0.03]];

/** 0 (nothing gets through) to 4 (good). */
export function levelOf({ rtt, loss, connected, connections }: Measured): number {
  if (connections > 0 && connected === 0) return 0;
  const bad = LIMITS.findIndex(([slow, much]) => (rtt ?? 0) > slow || loss > much);
  return bad === -1 ? 4 : bad + 1;
}

export class Meter {
  private before: Counted = { lost: 0, packets: 0, received: 0, sent: 0 };
  private at = performance.now();

  /** What happened since the last time; null where there is nobody to measure with. `telling` are those that ought to stand. */
  async measure(connections: readonly RTCPeerConnection[], telling: readonly RTCPeerConnection[]): Promise<Measured | null> {
    if (connections.length === 0) return null;
    const now: Counted = { lost: 0, packets: 0, received: 0, sent: 0 };
    let rtt: number | null = null;
    let far = 0;
    for (const connection of connections) {
      for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
        count(report, now);
        far = Math.max(far, lossAtTheOtherEnd(report));
        rtt = shorter(rtt, report);
      }
    }
    const seconds = Math.max(0.5, (performance.now() - this.at) / 1000);
    const lost = Math.max(0, now.lost - this.before.lost);
    const packets = Math.max(0, now.packets - this.before.packets) + lost;
    const measured = {
      rtt,
      loss: Math.max(packets > 0 ? lost / packets : 0, far),
      received: rate(now.received - this.before.received, seconds),
      sent: rate(now.sent - this.before.sent, seconds),
      connected: connections.filter(({ connectionState }) => connectionState === "connected").length,
      connections: telling.length,
    };
    this.before = now;
    this.at = performance.now();
    return measured;
  }
}

/** In the form in which the room is told. */
export function reportOf(measured: Measured, mode: LineReport["mode"]): LineReport {
  return {
    level: levelOf(measured),
    rtt: Math.round(measured.rtt ?? 0),
    loss: Math.round(measured.loss * 1000) / 1000,
    received: measured.received,
    sent: measured.sent,
    mode,
  };
}

function rate(bytes: number, seconds: number): number {
  return Math.max(0, Math.round((bytes * 8) / seconds));
}

function number(report: Record<string, unknown>, name: string): number {
  const value = report[name];
  return typeof value === "number" ? value : 0;
}

function count(report: Record<string, unknown>, into: Counted): void {
  if (report["type"] === "inbound-rtp") {
    into.lost += number(report, "packetsLost");
    into.packets += number(report, "packetsReceived");
  }
  if (report["type"] === "transport") {
    into.received += number(report, "bytesReceived");
    into.sent += number(report, "bytesSent");
  }
}

function lossAtTheOtherEnd(report: Record<string, unknown>): number {
  return report["type"] === "remote-inbound-rtp" ? number(report, "fractionLost") : 0;
}

function shorter(before: number | null, report: Record<string, unknown>): number | null {
  const seconds = report["currentRoundTripTime"];
  if (report["type"] !== "candidate-pair" || report["nominated"] !== true || typeof seconds !== "number") return before;
  return Math.min(before ?? Infinity, seconds * 1000);
}
