/** Times of a lesson in figures and words. */

import { _ } from "../shared/words";

/** 9:22, or 1:02:05 from an hour on; never less than nothing. */
export function clock(milliseconds: number): string {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What is left, counted so that it shows 0:00 when it is over and not a second before. */
export function left(until: number, now: number): string {
  return clock(Math.ceil(Math.max(0, until - now) / 1000) * 1000);
}

/** The hour and minute of a moment, by the clock of the campus. */
export function hour(moment: number, language: string): string {
  return new Date(moment).toLocaleTimeString(language.replace("_", "-"), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: document.documentElement.dataset.zone ?? "Asia/Shanghai" });
}

/** “还剩 25 分”, or by how much the lesson is over. */
export function leftInWords(ends: number, now: number): string {
  const minutes = Math.ceil((ends - now) / 60_000);
  return minutes >= 0 ? _("还剩 {minutes} 分", { minutes }) : _("已超 {minutes} 分", { minutes: -minutes });
}

/** Calls `tick` every second until the answer is called. */
export function eachSecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
}
