"""Whom a session concerns, and what they are told."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from foundation.database import db
from live.models import LiveClassroom, LiveSession, RemoteCourse, RoomRole
from live.scheduling.clocks import when_words
from notices.actions import notify, urgent_now
from notices.kinds import Facts, sentence
from schools.models import Person, SchoolClass
from schools.offices import offices_of


def concerned(session: LiveSession) -> set[int | None]:
    """Everybody (their ids) who has to know: those who have a part in it, the classes' own teachers, the offices of the campuses."""
    people = part_takers(session) | arrangers(session, {each.campus_id for each in session.classrooms})
    classes = [each.class_id for each in session.classrooms if each.class_id is not None]
    homeroom = select(SchoolClass.homeroom_teacher_id).where(SchoolClass.id.in_(classes))
    return people | set(db.session.scalars(homeroom))


def part_takers(session: LiveSession) -> set[int | None]:
    """Who (by id) leads, helps, was invited or has scheduled it."""
    helpers = {each.helper_id for each in session.classrooms}
    guests = {guest.person_id for guest in session.guests}
    return {session.lead_id, session.made_by_id, *helpers, *guests}


def arrangers(session: LiveSession, campus_ids: Collection[int]) -> set[int | None]:
    """Who (by id) answers for campuses: their 教务 and 校区管理员; where a campus has none, those of the group."""
    return {person.id for people in offices_of(campus_ids, session.day).values() for person in people}


def tell(by: Person, session: LiveSession, kind: str, people: Iterable[int | None], **facts: Any) -> None:
    """Tell people of a session, in the caller's unit of work; who did it knows already."""
    notify(
        people,
        kind,
        {"title": session.title, "by": by.name, **_time(session), **facts},
        f"/live/{session.code}",
        about=_about(session, kind),
        urgent=urgent_now(session.starts_at),
        but=by.id,
    )


def _about(session: LiveSession, kind: str) -> str:
    """Twenty answers to a course are one notice."""
    if session.course_id is not None and kind in ("session_answered", "session_settled", "session_cancelled"):
        return f"course:{session.course_id}"
    return f"session:{session.code}"


def tell_course(
    by: Person,
    course: RemoteCourse,
    first: LiveSession,
    kind: str,
    people: Iterable[int | None],
    count: int,
    **more: Any,
) -> None:
    """Tell people of a whole course at once, from its first session on."""
    facts = {"title": course.title, "by": by.name, "count": count, **_time(first), **more}
    notify(people, kind, facts, f"/live/courses/{course.code}", about=f"course:{course.code}", but=by.id)


def tell_helper(by: Person, session: LiveSession, classroom: LiveClassroom) -> None:
    """Somebody has become the helper of a class."""
    where = classroom.school_class.name if classroom.school_class else classroom.campus.short_name
    tell(by, session, "session_helper", {classroom.helper_id}, where=where)


def _time(session: LiveSession) -> dict[str, Any]:
    return {"day": session.day.isoformat(), "starts": session.starts, "ends": session.ends}


def when_of(facts: Facts, before: str = "") -> str:
    """When a session is, or was, by the facts of a notice."""
    day = date.fromisoformat(str(facts[f"{before}day"]))
    return when_words(day, int(facts[f"{before}starts"]), int(facts[f"{before}ends"]))


def _with_reason(said: str, facts: Facts) -> str:
    reason = str(facts.get("reason") or "")
    return gettext("%(said)s原因：%(reason)s。", said=said, reason=reason.rstrip("。")) if reason else said


@sentence("session_asked")
def _asked(facts: Facts) -> str:
    return gettext(
        "%(by)s请本校区确认“%(title)s”的时间：%(when)s。", by=facts["by"], title=facts["title"], when=when_of(facts)
    )


@sentence("session_planned")
def _planned(facts: Facts) -> str:
    return gettext("%(by)s排了“%(title)s”：%(when)s。", by=facts["by"], title=facts["title"], when=when_of(facts))


@sentence("course_asked")
def _course_asked(facts: Facts) -> str:
    return gettext(
        "%(by)s请本校区确认远程课程“%(title)s”：共 %(count)d 次，从%(when)s起。",
        by=facts["by"],
        title=facts["title"],
        count=facts["count"],
        when=when_of(facts),
    )


@sentence("course_planned")
def _course_planned(facts: Facts) -> str:
    return gettext(
        "%(by)s排了远程课程“%(title)s”：共 %(count)d 次，从%(when)s起。",
        by=facts["by"],
        title=facts["title"],
        count=facts["count"],
        when=when_of(facts),
    )


@sentence("course_staffed")
def _course_staffed(facts: Facts) -> str:
    parts = [gettext("%(name)s主讲", name=facts["lead"])] if facts["lead"] else []
    parts += [gettext("%(where)s由%(name)s助教", where=where, name=name) for where, name in facts["helpers"]]
    parts += [gettext("%(where)s在%(room)s上", where=where, room=name) for where, name in facts["rooms"]]
    said = gettext(
        "%(by)s改了远程课程“%(title)s”，从%(when)s起共 %(count)d 次：%(what)s。",
        by=facts["by"],
        title=facts["title"],
        when=when_of(facts),
        count=facts["count"],
        what=gettext("；").join(parts),
    )
    return _with_reason(said, facts)


@sentence("session_settled")
def _settled(facts: Facts) -> str:
    return gettext("各校区都确认了，“%(title)s”已排定：%(when)s。", title=facts["title"], when=when_of(facts))


@sentence("session_answered")
def _answered(facts: Facts) -> str:
    said = {
        "confirmed": gettext("%(campus)s确认了“%(title)s”。", campus=facts["campus"], title=facts["title"]),
        "declined": gettext("%(campus)s不参加“%(title)s”。", campus=facts["campus"], title=facts["title"]),
    }.get(str(facts["answer"]))
    if said is None:
        said = gettext("%(campus)s建议“%(title)s”改期。", campus=facts["campus"], title=facts["title"])
    return _with_reason(said, facts)


@sentence("session_moved")
def _moved(facts: Facts) -> str:
    said = gettext(
        "%(by)s把“%(title)s”从%(before)s改到%(when)s。",
        by=facts["by"],
        title=facts["title"],
        before=when_of(facts, "was_"),
        when=when_of(facts),
    )
    return _with_reason(said, facts)


@sentence("session_changed")
def _changed(facts: Facts) -> str:
    return gettext("%(by)s修改了“%(title)s”（%(when)s）。", by=facts["by"], title=facts["title"], when=when_of(facts))


@sentence("session_cancelled")
def _cancelled(facts: Facts) -> str:
    said = gettext("%(by)s取消了“%(title)s”（%(when)s）。", by=facts["by"], title=facts["title"], when=when_of(facts))
    return _with_reason(said, facts)


@sentence("session_lead")
def _lead(facts: Facts) -> str:
    return gettext(
        "“%(title)s”（%(when)s）由%(lead)s主讲。", title=facts["title"], when=when_of(facts), lead=facts["lead"]
    )


@sentence("session_lead_given")
def _lead_given(facts: Facts) -> str:
    return gettext(
        "%(by)s请您主讲“%(title)s”：%(when)s。不方便请点开回复。",
        by=facts["by"],
        title=facts["title"],
        when=when_of(facts),
    )


@sentence("session_part_declined")
def _part_declined(facts: Facts) -> str:
    given = {"by": facts["by"], "title": facts["title"], "when": when_of(facts)}
    said = (
        gettext("%(by)s不方便主讲“%(title)s”（%(when)s），请换人主讲。", **given)
        if facts["role"] == RoomRole.LEAD
        else gettext("%(by)s不方便在%(where)s助教“%(title)s”（%(when)s），请另请一位。", where=facts["where"], **given)
    )
    return _with_reason(said, facts)


@sentence("session_helper")
def _helper(facts: Facts) -> str:
    return gettext(
        "%(by)s请您在%(where)s助教“%(title)s”：%(when)s。不方便请点开回复。",
        by=facts["by"],
        where=facts["where"],
        title=facts["title"],
        when=when_of(facts),
    )


@sentence("session_room")
def _room(facts: Facts) -> str:
    return gettext(
        "“%(title)s”（%(when)s）%(campus)s换到%(room)s。",
        title=facts["title"],
        when=when_of(facts),
        campus=facts["campus"],
        room=facts["room"],
    )


@sentence("session_guest")
def _guest(facts: Facts) -> str:
    return gettext("%(by)s邀请您参加“%(title)s”：%(when)s。", by=facts["by"], title=facts["title"], when=when_of(facts))
