/** Sizes and times as people say them. */

import { _ } from "../shared/words";

/** 3.2 MB, 640 KB. */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${count >= 10 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

/** 约 2 分钟. */
export function span(seconds: number): string {
  if (seconds < 5) return _("几秒");
  if (seconds < 55) return _("约 {n} 秒", { n: Math.ceil(seconds / 5) * 5 });
  if (seconds < 3300) return _("约 {n} 分钟", { n: Math.ceil(seconds / 60) });
  return _("约 {n} 小时", { n: Math.ceil(seconds / 3600) });
}
