"""The field's own words for sessions: their kinds and states, the ends of a lesson, answers and changes."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from live.models import Answer, ClassroomRole, RoomRole, SessionKind, SessionState

KINDS: Final[Mapping[SessionKind, LazyString]] = {
    SessionKind.SAME_LESSON: lazy_gettext("同上一堂课"),
    SessionKind.DELIVERED: lazy_gettext("专递课堂"),
    SessionKind.MASTER: lazy_gettext("名师课堂"),
    SessionKind.RESEARCH: lazy_gettext("远程教研"),
    SessionKind.OPEN_LESSON: lazy_gettext("公开课"),
    SessionKind.MEETING: lazy_gettext("会议"),
}

WITH_CLASSES: Final = frozenset(SessionKind) - {SessionKind.RESEARCH, SessionKind.MEETING}
"""The kinds that are lessons: a class sits at each end."""

STATES: Final[Mapping[SessionState, LazyString]] = {
    SessionState.DRAFT: lazy_gettext("草案"),
    SessionState.ASKED: lazy_gettext("待各校区确认"),
    SessionState.SETTLED: lazy_gettext("已排定"),
    SessionState.RUNNING: lazy_gettext("上课中"),
    SessionState.ENDED: lazy_gettext("已结束"),
    SessionState.CANCELLED: lazy_gettext("已取消"),
}

STATE_TAGS: Final[Mapping[SessionState, str]] = {
    SessionState.ASKED: "tag-amber",
    SessionState.SETTLED: "tag-teal",
    SessionState.RUNNING: "tag-teal",
    SessionState.CANCELLED: "tag-red",
}

CLASSROOM_ROLES: Final[Mapping[ClassroomRole, LazyString]] = {
    ClassroomRole.MAIN: lazy_gettext("主讲端"),
    ClassroomRole.LISTENING: lazy_gettext("听讲端"),
}

ANSWERS: Final[Mapping[Answer, LazyString]] = {
    Answer.WAITING: lazy_gettext("待确认"),
    Answer.CONFIRMED: lazy_gettext("已确认"),
    Answer.OTHER_TIME: lazy_gettext("建议改期"),
    Answer.DECLINED: lazy_gettext("不参加"),
}

ANSWER_TAGS: Final[Mapping[Answer, str]] = {
    Answer.WAITING: "tag-amber",
    Answer.CONFIRMED: "tag-teal",
    Answer.OTHER_TIME: "tag-amber",
    Answer.DECLINED: "tag-red",
}

ROOM_ROLES: Final[Mapping[RoomRole, LazyString]] = {
    RoomRole.LEAD: lazy_gettext("主讲"),
    RoomRole.HELPER: lazy_gettext("助教"),
    RoomRole.PUPIL: lazy_gettext("学生"),
    RoomRole.OBSERVER: lazy_gettext("听课"),
    RoomRole.PATROL: lazy_gettext("巡课"),
    RoomRole.DIRECTOR: lazy_gettext("导播"),
}

CHANGES: Final[Mapping[str, LazyString]] = {
    "made": lazy_gettext("排课"),
    "published": lazy_gettext("发出草案"),
    "changed": lazy_gettext("修改"),
    "moved": lazy_gettext("改了时间"),
    "answered": lazy_gettext("答复"),
    "settled": lazy_gettext("排定"),
    "lead": lazy_gettext("更换主讲"),
    "helper": lazy_gettext("更换助教"),
    "unable": lazy_gettext("不方便"),
    "room": lazy_gettext("更换教室"),
    "dropped": lazy_gettext("去掉一个教室"),
    "plan": lazy_gettext("更新运行单"),
    "guest": lazy_gettext("邀请"),
    "guest_gone": lazy_gettext("取消邀请"),
    "cancelled": lazy_gettext("取消"),
}
"""What is done to a session's schedule: the kinds of `SessionChange`."""
