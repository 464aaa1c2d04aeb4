"""Teachers ask each other for a lesson: to teach it, or to change places with one of theirs. Nothing changes before the other agrees.

Who is asked answers, or the 教务 of the class' campus for them. Each function makes one change and commits it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from foundation.clock import now, today
from foundation.codes import new_code
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotFound
from foundation.paging import nearest_page
from foundation.sent import Sent, line
from manage.finding import colleague_named
from manage.timetables import actions, queries, telling
from manage.timetables.forms import ChangeForm
from manage.timetables.informing import in_both_languages, in_words
from notices.actions import notify
from notices.kinds import Facts, sentence
from schools.access import Standing, arranged_campuses, campuses_of_my_groups, may_arrange, standing_of
from schools.models import Person, SchoolClass
from schools.offices import offices_of
from timetable.models import AskState, ChangeKind, LessonAsk, TimetableEntry
from timetable.teaching_days import Lesson
from timetable.words import period_name, short_day

REASON_LENGTH: Final = 100


@dataclass(frozen=True)
class Asked:
    """A lesson of one's own as it may be asked about: itself, and those of the same class that it could change places with."""

    entry: TimetableEntry
    lesson: Lesson
    others: Sequence[Lesson]


def lesson_to_ask_for(by: Person, entry_id: int, day: date) -> Asked:
    """A lesson that somebody teaches on a day still to come. Raises NotFound, Conflict when something is changed about it already."""
    entry = db.session.get(TimetableEntry, entry_id)
    if entry is None or entry.person_id != by.id or standing_of(by).looked_through:
        raise NotFound
    timetable, lesson = queries.lesson_on(entry, day)
    if lesson is None:
        raise NotFound
    if day < today():
        raise Conflict(gettext("这节课的日子已经过了，不能再请人代课或者换课。"))
    if lesson.change is not None:
        raise Conflict(gettext("这一节已经登记了调整，要再改请找教务。"))
    others = queries.others_to_swap(timetable, lesson, today())
    return Asked(entry, lesson, [each for each in others if each.entry.person_id not in (None, by.id)])


@dataclass(frozen=True)
class AskForm:
    """What somebody asks for: a colleague in words to teach instead, or the lesson (`entry@day`) to change places with."""

    person: str
    swap: str
    reason: str
    anyway: bool

    @classmethod
    def read(cls, sent: Sent) -> "AskForm":
        """`what` is substitute or swap. Raises Invalid."""
        what, swap = sent.get("what", ""), sent.get("swap", "")
        if what not in ("substitute", "swap"):
            raise Invalid(what=gettext("请选择代课还是换课。"))
        if what == "swap" and not swap:
            raise Invalid(swap=gettext("请选择和哪一节对调。"))
        person = line(sent.get("person"), 80) if what == "substitute" else ""
        return cls(person, swap if what == "swap" else "", line(sent.get("reason"), REASON_LENGTH), "anyway" in sent)


class InTheWay(Invalid):
    """Somebody is busy then; it may be asked all the same. `found` says what is in the way."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__(found[0])
        self.found = found


def ask(by: Person, asked: Asked, form: AskForm) -> LessonAsk:
    """A colleague is asked for a lesson. Raises Invalid, InTheWay, and Conflict while the same is asked already."""
    other = _other(asked, form)
    person = _person(by, asked, form, other)
    if db.session.scalar(_open().where(LessonAsk.entry_id == asked.entry.id, LessonAsk.day == asked.lesson.day)):
        raise Conflict(gettext("这节课已经请过人，还没有答复。要改请先撤回。"))
    found = telling.troubles(asked.lesson, other, None if other else person, _change(other, form.reason))
    if found and not form.anyway:
        raise InTheWay(found)
    made = LessonAsk(
        code=new_code(10),
        entry=asked.entry,
        day=asked.lesson.day,
        other_entry_id=other.entry.id if other else None,
        other_day=other.day if other else None,
        by=by,
        person=person,
        reason=form.reason,
    )
    db.session.add(made)
    db.session.flush()
    _tell(by, made, "lesson_asked", [person.id])
    commit()
    return made


def _other(asked: Asked, form: AskForm) -> Lesson | None:
    if not form.swap:
        return None
    found = next((each for each in asked.others if f"{each.entry.id}@{each.day}" == form.swap), None)
    if found is None:
        raise Invalid(swap=gettext("这一节已经变了，请重新选择。"))
    return found


def _person(by: Person, asked: Asked, form: AskForm, other: Lesson | None) -> Person:
    if other is not None:
        return db.session.get_one(Person, other.entry.person_id)
    person = colleague_named(form.person, campuses_of_my_groups(standing_of(by)), "person")
    if person.id == by.id:
        raise Invalid(person=gettext("%(name)s就是这节课的老师，请填写另一位老师。", name=person.name))
    return person


def _change(other: Lesson | None, reason: str) -> ChangeForm:
    kind = ChangeKind.MOVED if other else ChangeKind.SUBSTITUTE
    swap = (other.entry.id, other.day) if other else None
    return ChangeForm(kind, "", None, None, None, swap, reason)


def answer(by: Person, asked: LessonAsk, *, agrees: bool, note: str, anyway: bool = False) -> None:
    """Yes makes the change and tells everyone concerned; no wants a word why.

    Raises NotFound for who is not asked, Conflict when it is no more to be answered, Invalid, InTheWay.
    """
    if not may_answer(standing_of(by), asked):
        raise NotFound
    _must_be_open(asked)
    if agrees:
        lesson, other = lessons_of(asked)
        if lesson is None or (asked.other_entry_id and other is None):
            raise Conflict(gettext("课表在这之后变了，这次请求已经不合适。请回复“不方便”，让对方重新请。"))
        found = troubles_of(asked)
        if found and not anyway:
            raise InTheWay(found)
        actions.put_change(by, lesson, other, _change(other, asked.reason), None if other else asked.person)
    elif not note:
        raise Invalid(note=gettext("请写一句原因，好让对方另想办法。"))
    asked.state = AskState.AGREED if agrees else AskState.REFUSED
    asked.answer_note, asked.answered_by_id, asked.answered_at = note, by.id, now()
    told = [asked.by_id, asked.person_id, *(_offices(asked) if agrees else [])]
    _tell(by, asked, "lesson_ask_answered", told, agreed=agrees, note=note)
    commit()


def take_back(by: Person, asked: LessonAsk) -> None:
    """Who asked needs it no more. Raises NotFound, Conflict when it was answered."""
    if asked.by_id != by.id:
        raise NotFound
    _must_be_open(asked)
    asked.state = AskState.TAKEN_BACK
    _tell(by, asked, "lesson_ask_taken_back", [asked.person_id])
    commit()


def _must_be_open(asked: LessonAsk) -> None:
    if asked.state is AskState.TAKEN_BACK:
        raise Conflict(gettext("对方已经撤回了这次请求。"))
    if asked.state is not AskState.ASKED:
        raise Conflict(gettext("这次请求已经答复过了。"))
    if is_over(asked):
        raise Conflict(gettext("这节课的日子已经过了。"))


def is_over(asked: LessonAsk) -> bool:
    """Whether one of its lessons lies in the past."""
    return min(asked.day, asked.other_day or asked.day) < today()


def lessons_of(asked: LessonAsk) -> tuple[Lesson | None, Lesson | None]:
    """Its lessons as the timetable has them; None where something was changed about one since."""
    return _unchanged(asked.entry, asked.day), _unchanged(asked.other_entry, asked.other_day)


def _unchanged(entry: TimetableEntry | None, day: date | None) -> Lesson | None:
    if entry is None or day is None:
        return None
    _, lesson = queries.lesson_on(entry, day)
    return lesson if lesson is not None and lesson.change is None else None


def troubles_of(asked: LessonAsk) -> list[str]:
    """What stands in its way by now."""
    lesson, other = lessons_of(asked)
    if lesson is None or (asked.other_entry_id and other is None):
        return []
    return telling.troubles(lesson, other, None if other else asked.person, _change(other, asked.reason))


def _offices(asked: LessonAsk) -> list[int]:
    campus_id = asked.entry.school_class.campus_id
    return [each.id for each in offices_of({campus_id}, today()).get(campus_id, ())]


# ---- who sees what ----


def may_answer(standing: Standing, asked: LessonAsk) -> bool:
    """Whether somebody was asked, or answers for the campus of the class."""
    if standing.looked_through or standing.person_id == asked.by_id:
        return False
    return standing.person_id == asked.person_id or may_arrange(standing, campus_id=asked.entry.school_class.campus_id)


def ask_to_see(by: Person, code: str) -> LessonAsk:
    """Something that was asked, by who asked, who was asked or who arranges the campus. Raises NotFound."""
    found = db.session.scalar(_seen(standing_of(by)).where(LessonAsk.code == code))
    if found is None:
        raise NotFound
    return found


def _seen(standing: Standing) -> Select[tuple[LessonAsk]]:
    own = or_(LessonAsk.by_id == standing.person_id, LessonAsk.person_id == standing.person_id)
    arranged = (
        select(TimetableEntry.id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .where(SchoolClass.campus_id.in_(arranged_campuses(standing)))
    )
    return select(LessonAsk).where(or_(own, LessonAsk.entry_id.in_(arranged)))


def _open() -> Select[tuple[int]]:
    return select(LessonAsk.id).where(LessonAsk.state == AskState.ASKED).limit(1)


@dataclass(frozen=True)
class AskPage:
    """One page of what was asked."""

    asks: Sequence[LessonAsk]
    page: int
    pages: int


def asks_of(standing: Standing, page: int, page_size: int) -> AskPage:
    """What somebody asked, was asked, or what was asked at the campuses they arrange: what waits first, then the newest."""
    seen = _seen(standing)
    count = db.session.scalar(select(func.count()).select_from(seen.with_only_columns(LessonAsk.id).subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    entry, other = joinedload(LessonAsk.entry), joinedload(LessonAsk.other_entry)
    waits = (LessonAsk.state == AskState.ASKED) & (LessonAsk.day >= standing.day)
    found = db.session.scalars(
        seen.options(
            entry.joinedload(TimetableEntry.school_class),
            entry.joinedload(TimetableEntry.subject),
            other.joinedload(TimetableEntry.subject),
            joinedload(LessonAsk.by),
            joinedload(LessonAsk.person),
            joinedload(LessonAsk.answered_by),
        )
        .order_by(waits.desc(), LessonAsk.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return AskPage(found, page, pages)


# ---- what people are told ----


def words_of(asked: LessonAsk) -> str:
    """三（2）班 数学 9月16日 周三第2节，请李强代课."""
    return _words(_facts(asked))


def _facts(asked: LessonAsk) -> dict[str, object]:
    facts: dict[str, object] = {
        "class": asked.entry.school_class.name,
        "subject": in_both_languages(asked.entry.subject),
        "day": asked.day.isoformat(),
        "period": asked.entry.period,
        "by": asked.by.name,
        "person": asked.person.name,
    }
    if asked.other_entry is not None and asked.other_day is not None:
        facts |= {
            "other_subject": in_both_languages(asked.other_entry.subject),
            "other_day": asked.other_day.isoformat(),
            "other_period": asked.other_entry.period,
        }
    return facts


def _words(facts: Facts) -> str:
    lesson = f"{facts['class']} {in_words(facts['subject'])}"
    when = _when(facts["day"], facts["period"])
    if "other_day" not in facts:
        return gettext("%(lesson)s %(when)s，请%(name)s代课", lesson=lesson, when=when, name=facts["person"])
    return gettext(
        "%(lesson)s %(when)s，和%(name)s的%(subject)s %(other)s对调",
        lesson=lesson,
        when=when,
        name=facts["person"],
        subject=in_words(facts["other_subject"]),
        other=_when(facts["other_day"], facts["other_period"]),
    )


def _when(day: str, period: int) -> str:
    return f"{short_day(date.fromisoformat(day))} {period_name(period)}"


def _tell(by: Person, asked: LessonAsk, kind: str, people: Sequence[int], **more: object) -> None:
    url = f"/timetable/asks/{asked.code}"
    facts = _facts(asked) | more | {"answered_by": by.name, "reason": asked.reason}
    notify(people, kind, facts, url, about=f"ask:{asked.code}", but=by.id)


@sentence("lesson_asked")
def _asked_said(facts: Facts) -> str:
    said = gettext("%(by)s想请您帮忙：%(what)s。", by=facts["by"], what=_words(facts))
    reason = str(facts["reason"]).rstrip("。.")
    return gettext("%(told)s原因：%(reason)s。", told=said, reason=reason) if reason else said


@sentence("lesson_ask_answered")
def _answered_said(facts: Facts) -> str:
    given = {"name": facts["answered_by"], "what": _words(facts)}
    said = (
        gettext("%(name)s同意了：%(what)s。课表已经更新。", **given)
        if facts["agreed"]
        else gettext("%(name)s回复不方便：%(what)s。", **given)
    )
    note = str(facts["note"]).rstrip("。.")
    return gettext("%(told)s留言：%(note)s。", told=said, note=note) if note else said


@sentence("lesson_ask_taken_back")
def _taken_back_said(facts: Facts) -> str:
    return gettext("%(by)s撤回了请求：%(what)s。", by=facts["by"], what=_words(facts))
