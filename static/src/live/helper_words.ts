/** Words that all the smaller screens say: how a line is, how a classroom takes part, who somebody is. */

import { _ } from "../shared/words";
import type { ClassroomOfSession, Config, Level, Mark, Mode, Role } from "./protocol";

/** How good a line is; null: nothing was measured yet. */
export function lineInWords(level: Level | null): string {
  switch (level) {
    case 4: return _("网络良好");
    case 3: return _("网络尚可");
    case 2: return _("网络偏弱");
    case 1: return _("网络很弱");
    case 0: return _("网络不通");
    default: return _("网络还没有测到");
  }
}

/** The rung of the ladder of teaching modes. */
export function modeInWords(mode: Mode): string {
  switch (mode) {
    case 1: return _("双向视频");
    case 2: return _("只看主讲画面");
    case 3: return _("语音加课件");
    case 4: return _("课件和文字");
    case 5: return _("本地接管");
  }
}

export function roleInWords(role: Role): string {
  switch (role) {
    case "lead": return _("主讲");
    case "helper": return _("助教");
    case "observer": return _("听课");
    case "patrol": return _("巡课");
    case "director": return _("导播");
    case "pupil": return _("学生");
  }
}

export function markInWords(mark: Mark): string {
  switch (mark) {
    case "present": return _("到");
    case "absent": return _("缺席");
    case "leave": return _("请假");
    case "late": return _("迟到");
  }
}

/** “柳树湾 五（1）班” */
export function nameOf(classroom: ClassroomOfSession): string {
  return [classroom.campus.name, classroom.class].filter(Boolean).join(" ");
}

/** The classroom of that number. */
export function classroomOf(config: Config, id: number | null): ClassroomOfSession | undefined {
  return config.classrooms.find((each) => each.id === id);
}
