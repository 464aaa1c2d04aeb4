"""The record of a lesson in words: times, ways of teaching, what happened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import get_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from foundation.clock import SCHOOL_ZONE
from live.media import terms
from live.models import LiveClassroom, RecordingState, SessionEvent

MODES: Final[Mapping[int, LazyString]] = {
    1: lazy_gettext("双向视频"),
    2: lazy_gettext("只看主讲画面"),
    3: lazy_gettext("语音加课件"),
    4: lazy_gettext("课件加文字"),
    5: lazy_gettext("本地接管"),
}
"""The ladder of ways to teach, the best first."""

MEDIA: Final[Mapping[str, LazyString]] = {
    terms.JANUS_ABSENT: lazy_gettext("服务器上没有视频服务，画面在教室之间直接传送"),
    terms.JANUS_GONE: lazy_gettext("视频服务中断，画面改为教室之间直接传送"),
    terms.JANUS_BACK: lazy_gettext("视频服务恢复"),
    terms.MORE_SCREENS: lazy_gettext("参加的教室多了，画面改由服务器转发"),
}
"""Why sound and pictures travelled another way from then on."""

MARKS: Final[Mapping[str, LazyString]] = {
    "present": lazy_gettext("到"),
    "late": lazy_gettext("迟到"),
    "leave": lazy_gettext("请假"),
    "absent": lazy_gettext("缺席"),
}

RECORDING_STATES: Final[Mapping[RecordingState, LazyString]] = {
    RecordingState.RECORDING: lazy_gettext("录制中，还在上传"),
    RecordingState.JOINING: lazy_gettext("正在合成，一般几分钟就好"),
    RecordingState.READY: lazy_gettext("可以回看"),
    RecordingState.FAILED: lazy_gettext("没有成功"),
}

NOTE_KINDS: Final[Mapping[str, LazyString]] = {
    "note": lazy_gettext("记录"),
    "strength": lazy_gettext("亮点"),
    "advice": lazy_gettext("建议"),
    "question": lazy_gettext("疑问"),
}
REFLECTION: Final = "reflection"
"""The kind of a note that is the lead's own 反思."""


def place_said(classroom: LiveClassroom) -> str:
    """A classroom by its campus and class."""
    parts = [classroom.campus.short_name, classroom.school_class.name if classroom.school_class else ""]
    return " ".join(part for part in parts if part)


def time_said(time: timedelta) -> str:
    """A length to the second: 38 分 05 秒."""
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    if not minutes:
        return gettext("%(seconds)d 秒", seconds=seconds)
    return gettext("%(minutes)d 分 %(seconds)02d 秒", minutes=minutes, seconds=seconds)


def second_said(second: float) -> str:
    """A moment of the lesson: 12:05, and -0:30 before its beginning."""
    whole = round(second)
    minutes, seconds = divmod(abs(whole), 60)
    return f"{'-' if whole < 0 else ''}{minutes}:{seconds:02}"


def clock_said(moment: datetime) -> str:
    """A time of day: 9:05."""
    here = moment.astimezone(SCHOOL_ZONE)
    return f"{here.hour}:{here.minute:02}"


def listed(parts: Sequence[str]) -> str:
    """A few words after each other."""
    return ("；" if get_locale() and str(get_locale()).startswith("zh") else "; ").join(parts)


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    at: datetime
    words: str
    trouble: bool = False


def log_said(lines: Sequence[SessionEvent], classrooms: Mapping[int, str]) -> list[Line]:
    """What was out of the ordinary in a lesson: troubles, lines that became weak, takeovers, who was called, interruptions."""
    return list(_Teller(classrooms).tell(lines))


class _Teller:
    """Tells the lines in their order: some mean something only after others."""

    def __init__(self, classrooms: Mapping[int, str]) -> None:
        self._names = classrooms
        self._modes: dict[int, int] = {}
        self._tell: Mapping[str, Callable[[str, Mapping[str, Any], SessionEvent], str]] = {
            "trouble": lambda name, data, _: (
                gettext("%(place)s：%(text)s", place=name, text=data["text"]) if data["text"] else ""
            ),
            "net": self._mode,
            "takeover": self._takeover,
            "air": self._air,
            "media": lambda name, data, _: str(MEDIA.get(data.get("why", ""), "")),
            "recording": self._recording,
            "reopen": lambda name, data, _: gettext("接着上课"),
            "end": lambda name, data, _: gettext("下课"),
            "begin": lambda name, data, _: gettext("上课"),
        }

    def tell(self, lines: Sequence[SessionEvent]) -> Iterator[Line]:
        """The sentences, without those lines that say nothing."""
        for line in lines:
            tell = self._tell.get(line.kind)
            words = tell(self._name(line.classroom_id), line.data, line) if tell else ""
            if words:
                yield Line(line.at, words, line.kind in ("trouble", "net", "takeover", "recording"))

    def _name(self, classroom_id: int | None) -> str:
        return self._names.get(classroom_id or 0, "")

    def _mode(self, name: str, data: Mapping[str, Any], line: SessionEvent) -> str:
        number, mode = line.classroom_id or 0, int(data.get("mode") or 1)
        before = self._modes.get(number, 1)
        self._modes[number] = mode
        if mode == before or mode not in MODES:
            return ""
        if mode > before:
            return gettext("%(place)s网络变弱，改为%(mode)s", place=name, mode=MODES[mode])
        return gettext("%(place)s网络好转，改为%(mode)s", place=name, mode=MODES[mode])

    def _takeover(self, name: str, data: Mapping[str, Any], line: SessionEvent) -> str:
        return (
            gettext("%(place)s由助教接管", place=name) if data["on"] else gettext("%(place)s回到共同的课堂", place=name)
        )

    def _air(self, name: str, data: Mapping[str, Any], line: SessionEvent) -> str:
        called = self._name(data["classroom"])
        return gettext("请%(place)s发言", place=called) if called else ""

    def _recording(self, name: str, data: Mapping[str, Any], line: SessionEvent) -> str:
        return data["why"] or gettext("录像停了") if data["state"] == "failed" else ""
