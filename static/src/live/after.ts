// The page after a lesson: what this computer had recorded and not sent yet goes on its way here.

import { byId } from "../shared/dom";
import { _ } from "../shared/words";
import { RecordingParts } from "./recording_parts";

const session = byId("recordings").dataset["session"] ?? "";
const note = byId("recording-left");
let left: RecordingParts | null = null;

function tell(): void {
  if (!left) return;
  note.hidden = false;
  note.textContent = left.waiting > 0
    ? `${_("这台电脑里还有录像没有传完，正在上传 {percent} %，请先不要关掉这一页。", { percent: left.percent })}${left.trouble}`
    : _("录像已经全部传到服务器。");
}

async function sendWhatIsLeft(): Promise<void> {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === `tongke:recording:${session}`)) return;
  left = await RecordingParts.open(session, tell);
  if (left.waiting === 0) return;
  tell();
  await left.end();
  tell();
}

void sendWhatIsLeft().catch(() => undefined);
