"""Documents for the index, made of what stands in the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from flask_babel import force_locale
from sqlalchemy import Select, select
from sqlalchemy.orm import QueryableAttribute, joinedload, selectinload

from curriculum.models import LessonTopic, TextbookVolume, Unit
from foundation.clock import today
from foundation.database import db
from lessons.models import Plan, PlanWriter
from lessons.reading import content_of
from lessons.text.content import StepContent, plain_text
from library.models import Resource, ResourceKind, ResourcePage, ResourceVersion
from live.access import NOT_A_DRAFT, main_classroom
from live.models import LiveClassroom, LiveSession, SessionEvent
from schools.models import Person, Posting, Subject, TeachingAssignment
from search.documents import CHAPTER, Document, Held, Kind, Part, held_token, stamp_of_tokens, token_of

Key = tuple[Kind, int]

BATCH: Final = 200
"""So many rows are read at once."""
ABOUT: Final = "about"
"""The kind of a part that is not of the thing itself: what is said about it."""
_DOT: Final = " · "


def documents_of(keys: Collection[Key]) -> Iterator[Document]:
    """The documents of those of `keys` that exist and are to be found."""
    by_kind: defaultdict[Kind, list[int]] = defaultdict(list)
    for kind, id in keys:
        by_kind[kind].append(id)
    with force_locale("zh_Hans"):
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), BATCH):
                yield from _MAKERS[kind](ids[start : start + BATCH])
                db.session.expunge_all()


def all_keys() -> Iterator[Key]:
    """The keys of everything that is to be found."""
    for kind, query in INDEXED.items():
        for id in db.session.scalars(query).all():
            yield kind, id


INDEXED: Final[dict[Kind, Select[Any]]] = {
    Kind.PLAN: select(Plan.id).where(Plan.removed_at.is_(None)),
    Kind.RESOURCE: select(Resource.id).where(Resource.removed_at.is_(None)),
    Kind.PERSON: select(Person.id).where(Person.left_at.is_(None)),
    Kind.SESSION: select(LiveSession.id).where(NOT_A_DRAFT.sql()),
}
"""What is to be found, by its numbers."""


def token_stamps(kind: Kind) -> dict[int, int]:
    """The stamp of the tokens of each document of a kind that has any, without making the document."""
    tokens: defaultdict[int, list[str]] = defaultdict(list)
    if kind is Kind.PLAN:
        for plan_id, writer_id in db.session.execute(select(PlanWriter.plan_id, PlanWriter.person_id)):
            tokens[plan_id].append(token_of("writers", writer_id))
    if kind is Kind.PERSON:
        held = select(Posting.person_id, Posting.campus_id, Posting.from_day, Posting.to_day)
        for person_id, *each in db.session.execute(held):
            tokens[person_id].append(held_token("postings", Held(*each)))
    return {id: stamp_of_tokens(some) for id, some in tokens.items()}


def _in_textbook(topic: QueryableAttribute[Any]) -> Any:
    return joinedload(topic).joinedload(LessonTopic.unit).joinedload(Unit.volume).joinedload(TextbookVolume.edition)


def _plans(ids: Collection[int]) -> Iterator[Document]:
    query = INDEXED[Kind.PLAN].with_only_columns(Plan).where(Plan.id.in_(ids))
    near = [joinedload(each) for each in (Plan.owner, Plan.campus, Plan.subject, Plan.prep_group)]
    for plan in db.session.scalars(query.options(*near, _in_textbook(Plan.topic), selectinload(Plan.writers))):
        content = content_of(plan)
        sections = (Part("section", key, "", plain_text(blocks)) for key, blocks in content.sections.items())
        steps = (Part("step", step.id, step.title, _text_of(step)) for step in content.steps)
        yield Document(
            kind=Kind.PLAN,
            id=plan.id,
            code=plan.code,
            title=plan.title,
            changed_at=plan.changed_at,
            line=_line(plan),
            also=" ".join([plan.subject.name, plan.owner.name, *_words_of(plan.topic)]),
            parts=tuple(part for part in (*sections, *steps) if part.heading or part.text),
            facts={
                **_shared_facts(plan),
                "state": plan.state,
                "type": ResourceKind.LESSON_PLAN,
                "stage": _stage_of(plan.topic) or (plan.prep_group.stage if plan.prep_group else None),
            },
            many={"writers": tuple(writer.person_id for writer in plan.writers)},
        )


def _text_of(step: StepContent) -> str:
    texts = [step.teacher, step.pupils, step.intent, *step.campuses.values()]
    return "\n".join(part for part in (*map(plain_text, texts), step.resources) if part)


def _resources(ids: Collection[int]) -> Iterator[Document]:
    query = INDEXED[Kind.RESOURCE].with_only_columns(Resource).where(Resource.id.in_(ids))
    near = [joinedload(each) for each in (Resource.owner, Resource.campus, Resource.subject)]
    pages = _pages(ids)
    names = _file_names(ids)
    for resource in db.session.scalars(query.options(*near, _in_textbook(Resource.topic))):
        subject = [resource.subject.name] if resource.subject else []
        about = [Part(ABOUT, "", "", resource.note)] if resource.note else []
        also = [*subject, resource.owner.name, *resource.tags, resource.source, names.get(resource.id, "")]
        yield Document(
            kind=Kind.RESOURCE,
            id=resource.id,
            code=resource.code,
            title=resource.title,
            changed_at=resource.changed_at,
            line=_line(resource),
            also=" ".join([*also, *_words_of(resource.topic)]),
            parts=(*pages[resource.id], *about),
            uses=resource.uses,
            facts={
                **_shared_facts(resource),
                "type": resource.kind,
                "stage": resource.stage or _stage_of(resource.topic),
                "term": resource.term,
                "wanted": resource.wanted,
            },
        )


def _newest() -> Any:
    return ResourceVersion.number == Resource.number


def _pages(ids: Collection[int]) -> defaultdict[int, list[Part]]:
    found: defaultdict[int, list[Part]] = defaultdict(list)
    rows = db.session.execute(
        select(ResourceVersion.resource_id, ResourcePage.number, ResourcePage.heading, ResourcePage.text)
        .join(ResourceVersion, ResourceVersion.id == ResourcePage.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.id.in_(ids), _newest())
        .order_by(ResourceVersion.resource_id, ResourcePage.number)
    )
    for resource_id, number, heading, text in rows:
        if heading or text:
            found[resource_id].append(Part("page", str(number), heading, text))
    return found


def _file_names(ids: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(ResourceVersion.resource_id, ResourceVersion.name)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.id.in_(ids), _newest())
    )
    return {row.resource_id: row.name for row in rows}


def _people(ids: Collection[int]) -> Iterator[Document]:
    query = INDEXED[Kind.PERSON].with_only_columns(Person).where(Person.id.in_(ids))
    subjects = _subjects_taught(ids)
    for person in db.session.scalars(query.options(selectinload(Person.postings).joinedload(Posting.campus))):
        lasting = [each for each in person.postings if each.to_day is None or each.to_day > today()]
        campuses = list(dict.fromkeys(each.campus.short_name for each in lasting))
        line = _DOT.join([*campuses, *subjects[person.id]])
        yield Document(
            kind=Kind.PERSON,
            id=person.id,
            code=str(person.id),
            title=person.name,
            changed_at=person.changed_at,
            line=line,
            pinyin=person.pinyin,
            also=f"{line} {person.staff_number or ''}",
            facts={"campus_id": lasting[0].campus_id if lasting else None},
            held={"postings": tuple(Held(each.campus_id, each.from_day, each.to_day) for each in person.postings)},
        )


def _subjects_taught(ids: Collection[int]) -> defaultdict[int, list[str]]:
    day = today()
    rows = db.session.execute(
        select(TeachingAssignment.person_id, Subject.name)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(
            TeachingAssignment.person_id.in_(ids),
            TeachingAssignment.to_day.is_(None) | (TeachingAssignment.to_day > day),
        )
        .group_by(TeachingAssignment.person_id, Subject.id, Subject.name, Subject.rank)
        .order_by(Subject.rank, Subject.id)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for person_id, name in rows:
        found[person_id].append(name)
    return found


def _sessions(ids: Collection[int]) -> Iterator[Document]:
    query = INDEXED[Kind.SESSION].with_only_columns(LiveSession).where(LiveSession.id.in_(ids))
    rooms = selectinload(LiveSession.classrooms)
    near = (
        joinedload(LiveSession.lead),
        joinedload(LiveSession.subject),
        rooms.joinedload(LiveClassroom.campus),
        rooms.joinedload(LiveClassroom.school_class),
        rooms.joinedload(LiveClassroom.helper),
    )
    chapters = _chapters(ids)
    for session in db.session.scalars(query.options(*near, _in_textbook(LiveSession.topic))):
        main = main_classroom(session)
        campuses = list(dict.fromkeys(each.campus.short_name for each in session.classrooms))
        classes = [each.school_class.name for each in session.classrooms if each.school_class]
        helpers = [each.helper.name for each in session.classrooms if each.helper]
        subject = [session.subject.name] if session.subject else []
        day = session.day.isoformat()
        yield Document(
            kind=Kind.SESSION,
            id=session.id,
            code=session.code,
            title=session.title,
            changed_at=session.changed_at,
            line=_DOT.join([day, session.lead.name, *campuses]),
            also=" ".join([*subject, session.lead.name, *helpers, *campuses, *classes, *_words_of(session.topic)]),
            parts=tuple(chapters[session.id]),
            facts={
                "owner_id": session.lead_id,
                "group_id": session.group_id,
                "campus_id": main.campus_id if main else None,
                "subject_id": session.subject_id,
                "stage": _stage_of(session.topic),
                **_in_the_book(session.topic),
            },
        )


def _chapters(ids: Collection[int]) -> defaultdict[int, list[Part]]:
    """The steps of lessons that were held, by the second of the replay."""
    rows = db.session.execute(
        select(SessionEvent.session_id, SessionEvent.at, SessionEvent.kind, SessionEvent.data)
        .where(SessionEvent.session_id.in_(ids), SessionEvent.kind.in_(("open", "step")))
        .order_by(SessionEvent.session_id, SessionEvent.seq)
    ).all()
    sheets = dict(
        db.session.execute(select(LiveSession.id, LiveSession.run_sheet).where(LiveSession.id.in_(ids))).tuples().all()
    )
    opened: dict[int, datetime] = {}
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for session_id, at, kind, data in rows:
        begun = opened.setdefault(session_id, at)
        if kind == "step":
            titles = {step["id"]: step["title"] for step in sheets[session_id].get("steps", [])}
            title = titles.get(data.get("step"), "")
            if title:
                found[session_id].append(Part(CHAPTER, str(int((at - begun).total_seconds())), title, ""))
    return found


_MAKERS: Final = {
    Kind.PLAN: _plans,
    Kind.RESOURCE: _resources,
    Kind.PERSON: _people,
    Kind.SESSION: _sessions,
}


def _shared_facts(thing: Plan | Resource) -> dict[str, Any]:
    return {
        "visibility": thing.visibility,
        "owner_id": thing.owner_id,
        "group_id": thing.group_id,
        "campus_id": thing.campus_id,
        "prep_group_id": thing.prep_group_id,
        "subject_id": thing.subject_id,
        **_in_the_book(thing.topic),
        "grade": thing.grade,
    }


def _in_the_book(topic: LessonTopic | None) -> dict[str, Any]:
    """Where in the textbooks something belongs."""
    return {
        "grade": topic.unit.volume.grade if topic else None,
        "topic": topic.id if topic else None,
        "unit": topic.unit_id if topic else None,
        "volume": topic.unit.volume_id if topic else None,
        "edition": topic.unit.volume.edition_id if topic else None,
    }


def _stage_of(topic: LessonTopic | None) -> Any:
    return topic.unit.volume.edition.stage if topic else None


def _line(thing: Plan | Resource) -> str:
    parts: Iterable[str] = (thing.owner.name, thing.campus.short_name, thing.topic.title if thing.topic else "")
    return _DOT.join(part for part in parts if part)


def _words_of(topic: LessonTopic | None) -> list[str]:
    if topic is None:
        return []
    return [topic.title, topic.unit.title, topic.unit.theme, topic.unit.volume.name, topic.unit.volume.edition.name]
