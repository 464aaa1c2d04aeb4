"""Tells whom a change of a lesson concerns: its teacher, who teaches instead, the homeroom teacher of the class."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import get_locale, gettext

from foundation.database import db
from manage.timetables.queries import periods_on
from notices.actions import notify, urgent_now
from notices.kinds import Facts, sentence
from schools.models import Campus, Person, Subject
from timetable.models import ChangeKind, TimetableChange, TimetableEntry
from timetable.words import period_name, short_day

RESTORED: Final = "restored"
KIND: Final = "lesson_change"


def inform(
    by: Person, entry: TimetableEntry, day: date, change: TimetableChange | None, also: Iterable[int | None] = ()
) -> None:
    """In the caller's unit of work: a lesson of a day is as `change` says, or (None) as in the timetable again.

    `also`: who is concerned besides, such as who was to teach before.
    """
    school_class = entry.school_class
    label, starts = _place(school_class.campus_id, day, entry.period)
    facts = {
        "class": school_class.name,
        "subject": in_both_languages(entry.subject),
        "day": day.isoformat(),
        "period": entry.period,
        "label": label,
        "what": change.kind.value if change else RESTORED,
    }
    moments = [starts]
    teaching = {entry.person_id, *also}
    if change is not None:
        substitute = db.session.get(Person, change.person_id) if change.person_id else None
        facts |= {"reason": change.reason, "substitute": substitute.name if substitute else ""}
        teaching.add(change.person_id)
        if change.new_day and change.new_period:
            new_label, new_starts = _place(school_class.campus_id, change.new_day, change.new_period)
            facts |= {"new_day": change.new_day.isoformat(), "new_period": change.new_period, "new_label": new_label}
            moments.append(new_starts)
    urgent = any(urgent_now(moment) for moment in moments if moment)
    about = f"lesson:{entry.id}:{day.isoformat()}"
    homeroom = {school_class.homeroom_teacher_id} - teaching
    notify(teaching, KIND, facts, f"/timetable?week={day.isoformat()}", about, urgent, by.id)
    notify(homeroom, KIND, facts, f"/timetable/classes/{school_class.id}?week={day.isoformat()}", about, urgent, by.id)


def _place(campus_id: int, day: date, period: int) -> tuple[str, datetime | None]:
    """What a period of a day is called at a campus, and when it begins."""
    clock = next((each for each in periods_on(campus_id, day) if each.number == period), None)
    if clock is None:
        return "", None
    zone = ZoneInfo(db.session.get_one(Campus, campus_id).zone)
    return clock.label, datetime.combine(day, time(), zone) + timedelta(minutes=clock.starts)


@sentence(KIND)
def said(facts: Facts) -> str:
    """三（2）班 数学：9月16日 周三 上午第2节调到9月17日 周四 上午第3节。原因：外出教研。"""
    lesson = f"{facts['class']} {in_words(facts['subject'])}"
    when = _when(facts["day"], facts["period"], facts["label"])
    told, reason = _what(facts, lesson, when), facts.get("reason", "").rstrip("。.")
    return gettext("%(told)s原因：%(reason)s。", told=told, reason=reason) if reason else told


def in_both_languages(subject: Subject) -> dict[str, str]:
    """The name of a subject as notices keep it, for readers of either language."""
    return {"zh": subject.name, "en": subject.name_en}


def in_words(names: Mapping[str, str]) -> str:
    """The name of a subject, kept in both languages, in that of the reader."""
    locale = get_locale()
    return names["en"] if locale and locale.language == "en" and names["en"] else names["zh"]


def _what(facts: Facts, lesson: str, when: str) -> str:
    what = facts["what"]
    if what == ChangeKind.MOVED:
        new = _when(facts["new_day"], facts["new_period"], facts["new_label"])
        return gettext("%(lesson)s：%(when)s调到%(new)s。", lesson=lesson, when=when, new=new)
    if what == ChangeKind.SUBSTITUTE:
        return gettext("%(lesson)s：%(when)s由%(name)s代课。", lesson=lesson, when=when, name=facts["substitute"])
    if what == ChangeKind.CANCELLED:
        return gettext("%(lesson)s：%(when)s停课。", lesson=lesson, when=when)
    return gettext("%(lesson)s：%(when)s的调整已撤回，照原课表上。", lesson=lesson, when=when)


def _when(day: str, period: int, label: str) -> str:
    return f"{short_day(date.fromisoformat(day))} {label or period_name(period)}"
