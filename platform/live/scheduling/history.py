"""What was done to a session's schedule, in words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask_babel import gettext, lazy_gettext

from live.models import Answer, RoomRole, SessionChange
from live.scheduling.clocks import when_words
from live.terms import ANSWERS, ROOM_ROLES

Details = Mapping[str, Any]

PARTS: Final = {
    "title": lazy_gettext("题目"),
    "note": lazy_gettext("备注"),
    "lead": lazy_gettext("主讲"),
    "plan": lazy_gettext("教案"),
    "classrooms": lazy_gettext("哪些班"),
    "room": lazy_gettext("教室"),
    "helper": lazy_gettext("助教"),
}


def change_words(change: SessionChange) -> str:
    """What a change has changed; empty where its kind says it all."""
    words = _WORDS.get(change.kind)
    return words(change.details) if words else ""


def _moved(details: Details) -> str:
    if "was_day" not in details:
        return _parts(details)
    before = when_words(date.fromisoformat(details["was_day"]), details["was_starts"], details["was_ends"])
    after = when_words(date.fromisoformat(details["day"]), details["starts"], details["ends"])
    return gettext("%(before)s → %(after)s", before=before, after=after)


def _parts(details: Details) -> str:
    return gettext("、").join(str(PARTS[each]) for each in details.get("changed", ()) if each in PARTS)


def _answered(details: Details) -> str:
    return gettext("%(campus)s：%(answer)s", campus=details["campus"], answer=ANSWERS[Answer(details["answer"])])


def _placed(details: Details) -> str:
    return gettext("%(where)s：%(name)s", where=details["where"], name=details["name"] or gettext("未定"))


def _led(details: Details) -> str:
    return gettext("%(before)s → %(after)s", before=details["was"], after=details["name"])


def _invited(details: Details) -> str:
    role = next((name for role, name in ROOM_ROLES.items() if role == details.get("role")), None)
    return gettext("%(where)s：%(name)s", where=role, name=details["name"]) if role else str(details["name"])


def _declined(details: Details) -> str:
    role = ROOM_ROLES[RoomRole(details["role"])]
    return gettext("%(where)s：%(name)s", where=f"{details['where']} {role}", name=details["name"])


_WORDS: Final[Mapping[str, Callable[[Details], str]]] = {
    "moved": _moved,
    "changed": _parts,
    "answered": _answered,
    "helper": _placed,
    "room": _placed,
    "lead": _led,
    "dropped": lambda details: str(details["where"]),
    "unable": _declined,
    "guest": _invited,
    "guest_gone": _invited,
}
