/** The sentences of sound and pictures. */

import { _ } from "../../shared/words";

export type DeviceKind = "camera" | "microphone";

const REFUSED = ["NotAllowedError", "SecurityError"];
const MISSING = ["NotFoundError", "OverconstrainedError"];
const BUSY = ["NotReadableError", "AbortError"];

/** Why sound and pictures travel as they do (`live/media/terms.py`), for the person; empty for what needs no words. */
export function whyOf(word: string): string {
  switch (word) {
    case "janus_absent": return _("服务器上没有安装视频服务，画面改为教室之间直接传送，教室多时只传主讲画面。");
    case "janus_gone": return _("视频服务中断，画面改为教室之间直接传送，课件和课堂流程不受影响。");
    case "janus_back": return _("视频服务已恢复，正在重新接通画面。");
    case "more_screens": return _("参加的教室多了，画面改由服务器转发。");
    default: return "";
  }
}

/** What it means that a browser did not give a camera or microphone, and what to do. */
export function deviceSentence(problem: unknown, device: DeviceKind): string {
  const camera = device === "camera";
  if (!window.isSecureContext) return _("这个网址不是 https，浏览器不允许使用摄像头和麦克风。请用 https 打开，或联系管理员。");
  const name = problem instanceof DOMException ? problem.name : "";
  if (REFUSED.includes(name)) {
    return camera
      ? _("浏览器没有获准使用摄像头。请点地址栏左边的图标，允许使用摄像头，再重新载入本页。")
      : _("浏览器没有获准使用麦克风。请点地址栏左边的图标，允许使用麦克风，再重新载入本页。");
  }
  if (MISSING.includes(name)) {
    return camera ? _("没有找到摄像头。请检查连线，其他部分照常上课。") : _("没有找到麦克风。请检查连线，其他部分照常上课。");
  }
  if (BUSY.includes(name)) {
    return camera
      ? _("摄像头正被别的程序占用。请关闭其他视频软件，再重新载入本页。")
      : _("麦克风正被别的程序占用。请关闭其他通话软件，再重新载入本页。");
  }
  return camera ? _("摄像头打不开，其他部分照常上课。") : _("麦克风打不开，其他部分照常上课。");
}

export function unplugged(device: DeviceKind): string {
  return device === "camera" ? _("摄像头断开了。请检查连线。") : _("麦克风断开了。请检查连线。");
}
