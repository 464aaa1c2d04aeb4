"""What people do with lesson plans. Each function is one unit of work and commits it; the acting person comes first."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final, TypedDict, Unpack

from flask_babel import format_decimal, gettext
from sqlalchemy import delete, select

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.clock import now
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotFound
from lessons import access, files, importing, layout, originals, queries
from lessons.coediting.mirror import mirror
from lessons.layout import Place
from lessons.models import (
    Plan,
    PlanOriginal,
    PlanState,
    PlanTemplate,
    PlanUpdate,
    PlanWriter,
)
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from library.storage.base import StoreFailed, StoreFull
from library.usage import has_room
from schools import audit
from schools import queries as school_queries
from schools.access import Standing, standing_of
from schools.limits import limits_of
from schools.models import Group, Person, PrepGroup, Subject, Visibility

_CODE_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is mistaken for another on paper
_NAME_LENGTH: Final = 200

NEXT_STATES: Final[dict[PlanState, tuple[PlanState, ...]]] = {
    PlanState.DRAFT: (PlanState.DISCUSSING,),
    PlanState.DISCUSSING: (PlanState.COMMON, PlanState.DRAFT),
    PlanState.COMMON: (PlanState.TEACHING, PlanState.DISCUSSING),
    PlanState.TEACHING: (PlanState.ARCHIVED, PlanState.DISCUSSING),
    PlanState.ARCHIVED: (PlanState.DISCUSSING,),
}
"""Where a plan may go from each state, the usual way first; a plan is opened again by going back to discussion."""


@dataclass(frozen=True)
class PlanRemoved:
    """A plan went into the recycle bin, or is gone for good."""

    plan_id: int


@dataclass(frozen=True)
class PlanRightsChanged:
    """Who may read or write a plan has changed."""

    plan_id: int


class Where(TypedDict, total=False):
    """Where a plan belongs, see `create_plan`."""

    group_id: int
    campus_id: int
    subject_id: int
    prep_group_id: int | None
    topic_id: int | None
    visibility: Visibility
    state: PlanState


def create_plan(
    person: Person,
    *,
    group_id: int,
    campus_id: int,
    subject_id: int,
    prep_group_id: int | None = None,
    topic_id: int | None = None,
    visibility: Visibility = Visibility.PERSONAL,
    state: PlanState = PlanState.DRAFT,
    content: PlanContent | None = None,
    title: str = "",
) -> Plan:
    """Make a plan that `person` owns, together with the first line of its log.

    Without `content` it is empty but for `title` or else the topic's, its periods and the group's minutes of a lesson. Raises
    Invalid when the person does not work at that campus of the group, or when the parts do not belong together.
    """
    where = Where(
        group_id=group_id,
        campus_id=campus_id,
        subject_id=subject_id,
        prep_group_id=prep_group_id,
        topic_id=topic_id,
        visibility=visibility,
        state=state,
    )
    plan = add_plan(person, where, content, title)
    commit()
    return plan


def add_plan(person: Person, where: Where, content: PlanContent | None = None, title: str = "") -> Plan:
    """The same as `create_plan` for those who make more in the same unit of work: they commit."""
    standing = standing_of(person)
    group = db.session.get(Group, where["group_id"])
    if group is None or not _works_at(standing, where["group_id"], where["campus_id"]):
        raise Invalid(place=gettext("您目前不在这个校区任职，请换一个校区。"))
    if db.session.get(Subject, where["subject_id"]) is None:
        raise Invalid(subject=gettext("请选择学科。"))
    visibility = where.get("visibility", Visibility.PERSONAL)
    _check_prep_group(standing, group.id, where["subject_id"], where.get("prep_group_id"), visibility)
    topic = _topic_of(where["subject_id"], where.get("topic_id"))
    if content is None:
        periods = topic.periods if topic else 1
        title = title or (topic.title if topic else "")
        content = PlanContent(title=title, periods=periods, minutes=group.lesson_minutes)
    plan = Plan(
        code="".join(secrets.choice(_CODE_LETTERS) for _ in range(10)),
        owner_id=person.id,
        **where,
    )
    db.session.add(plan)
    db.session.flush()
    doc = build_plan(content)
    db.session.add(PlanUpdate(plan_id=plan.id, data=doc.get_update(), person_id=person.id))
    files.take_along(person, plan, content)
    mirror(plan.id, doc, plan.made_at)
    return plan


def _works_at(standing: Standing, group_id: int, campus_id: int) -> bool:
    return any(group.id == group_id and campus.id == campus_id for group, campus in school_queries.places_of(standing))


def _check_prep_group(
    standing: Standing, group_id: int, subject_id: int, prep_group_id: int | None, visibility: Visibility
) -> None:
    if prep_group_id is None:
        if visibility is Visibility.PREP_GROUP:
            raise Invalid(prep_group=gettext("要让备课组看到，请先选择备课组。"))
        return
    prep_group = db.session.get(PrepGroup, prep_group_id)
    if prep_group is None or prep_group.group_id != group_id or prep_group_id not in standing.prep_group_ids:
        raise Invalid(prep_group=gettext("您不在这个备课组里，请换一个备课组。"))
    if prep_group.subject_id != subject_id:
        raise Invalid(prep_group=gettext("这个备课组不教这门学科，请换一个备课组。"))


def _topic_of(subject_id: int, topic_id: int | None) -> LessonTopic | None:
    if topic_id is None:
        return None
    wanted = (
        select(LessonTopic)
        .join(Unit)
        .join(TextbookVolume)
        .join(TextbookEdition)
        .where(LessonTopic.id == topic_id, TextbookEdition.subject_id == subject_id)
    )
    topic = db.session.scalar(wanted)
    if topic is None:
        raise Invalid(topic=gettext("这一课不在所选学科的教材里，请重新选择。"))
    return topic


def share_plan(
    person: Person,
    plan: Plan,
    *,
    visibility: Visibility,
    prep_group_id: int | None,
    writer_ids: Collection[int],
) -> None:
    """Say anew who may read and write the plan: `writer_ids` are all who may write beside owner and prep group.

    Raises NotFound unless the person may share it, Invalid when a new writer is not of the plan's group.
    """
    standing = standing_of(person)
    if not access.may_share_plan(standing, plan):
        raise NotFound
    if prep_group_id != plan.prep_group_id:
        _check_prep_group(standing, plan.group_id, plan.subject_id, prep_group_id, visibility)
    elif prep_group_id is None and visibility is Visibility.PREP_GROUP:
        raise Invalid(prep_group=gettext("要让备课组看到，请先选择备课组。"))
    wanted = set(writer_ids) - {plan.owner_id}
    present = {writer.person_id for writer in plan.writers}
    if not wanted - present <= queries.people_of_group(plan.group_id, wanted - present):
        raise Invalid(writer=gettext("只能请本集团的老师一起写。"))
    if wanted != present or (visibility, prep_group_id) != (plan.visibility, plan.prep_group_id):
        told = _told_of(plan, visibility)
        shown = [plan.visibility, visibility]
        audit.record(person, "plan_shared", "plan", plan, **told, visibility=shown, writers=len(wanted))
    plan.visibility = visibility
    plan.prep_group_id = prep_group_id
    plan.writers = [writer for writer in plan.writers if writer.person_id in wanted]
    plan.writers += [PlanWriter(person_id=person_id) for person_id in sorted(wanted - present)]
    announce(PlanRightsChanged(plan.id))
    commit()


def change_state(person: Person, plan: Plan, state: PlanState) -> None:
    """Take the plan to another state of its life.

    Raises NotFound unless the person may share it, Conflict when that state cannot follow the present one.
    """
    if not access.may_share_plan(standing_of(person), plan):
        raise NotFound
    if state is plan.state:
        return
    if state not in NEXT_STATES[plan.state]:
        raise Conflict(gettext("这份教案的状态已经变了，请刷新页面后再试。"))
    plan.state = state
    announce(PlanRightsChanged(plan.id))
    commit()


def delete_plan(person: Person, plan: Plan) -> None:
    """Put the plan into its owner's recycle bin. Raises NotFound unless the person may."""
    if not access.may_delete_plan(standing_of(person), plan):
        raise NotFound
    plan.removed_at = now()
    audit.record(person, "plan_deleted", "plan", plan, **_told_of(plan, plan.visibility))
    announce(PlanRemoved(plan.id))
    commit()


def restore_plan(person: Person, plan: Plan) -> None:
    """Take the plan out of the recycle bin. Raises NotFound unless the person may."""
    if not access.may_restore_plan(standing_of(person), plan):
        raise NotFound
    plan.removed_at = None
    audit.record(person, "plan_restored", "plan", plan, **_told_of(plan, plan.visibility))
    announce(PlanRightsChanged(plan.id))
    commit()


def note_download(person: Person | None, plan: Plan) -> None:
    """Write down that somebody takes the plan of another out of the product."""
    if person and person.id != plan.owner_id:
        told = _told_of(plan, plan.visibility)
        audit.record_at_once(person, "plan_downloaded", "plan", plan, **told)


def _told_of(plan: Plan, visibility: Visibility) -> dict[str, Any]:
    """What is written down of a plan: its title only where others may know it."""
    personal = plan.visibility is visibility is Visibility.PERSONAL
    return {"name": "" if personal else plan.title, "campus_id": plan.campus_id, "group_id": plan.group_id}


def purge_bin(before: datetime) -> int:
    """Delete for good what went into the recycle bin before that moment, with its imported files; returns how many."""
    gone = db.session.scalars(select(Plan.id).where(Plan.removed_at < before)).all()
    stored = db.session.scalars(select(PlanOriginal.stored_name).where(PlanOriginal.plan_id.in_(gone))).all()
    used = files.resources_used(gone)
    db.session.execute(delete(Plan).where(Plan.id.in_(gone)))  # takes log, snapshot, writers, original and files along
    files.count_uses(used)
    for plan_id in gone:
        announce(PlanRemoved(plan_id))
    commit()
    originals.remove(stored)
    originals.remove_orphans(set(db.session.scalars(select(PlanOriginal.stored_name))))
    return len(gone)


def import_plan(person: Person, name: str, data: bytes, **where: Unpack[Where]) -> Plan:
    """Make a plan from a Word or Markdown file and keep the file beside it.

    Without a topic the one of the subject whose title is the plan's is taken, if there is just one. Raises Invalid, with a
    sentence that names the file, when it cannot be read.
    """
    _check_size(name, data, where["group_id"])
    commit()  # lets others write while the file is read, which may take half a minute
    imported = importing.read_plan_file(name, data)
    content = imported.content
    content.title = content.title or PurePath(name).stem
    if where.get("topic_id") is None:
        where["topic_id"] = _topic_titled(where["subject_id"], content.title)
    if imported.pictures:
        _check_room(name, imported, where["group_id"], where["campus_id"])
    pictures = _keep_pictures(name, imported)
    stored_name = originals.keep(data)
    try:
        plan = add_plan(person, where, content)
        files.make_pictures(person, plan, content.title, pictures)
        db.session.add(
            PlanOriginal(
                plan_id=plan.id,
                name=name[-_NAME_LENGTH:],
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                stored_name=stored_name,
                notes=list(imported.notes),
            )
        )
        commit()
    except BaseException:
        db.session.rollback()
        originals.remove([stored_name])
        files.forget_pictures(pictures)
        raise
    return plan


def _keep_pictures(name: str, imported: importing.Imported) -> list[files.Kept]:
    try:
        return files.keep_pictures(imported.content, imported.pictures)
    except (StoreFull, StoreFailed):
        said = gettext("《%(name)s》里的图片现在存不下：文件存储已满或没有应答。请稍后再试。", name=name)
        raise Invalid(file=said) from None


def _check_size(name: str, data: bytes, group_id: int) -> None:
    group = db.session.get(Group, group_id)
    megabytes = limits_of(group).upload_megabytes if group else 0
    if group and len(data) > megabytes * 1024 * 1024:
        raise Invalid(
            file=gettext("《%(name)s》太大了：这个集团导入的文件不超过 %(count)d MB。", name=name, count=megabytes)
        )


def _check_room(name: str, imported: importing.Imported, group_id: int, campus_id: int) -> None:
    size = sum(len(picture) for picture in imported.pictures.values())
    group = db.session.get(Group, group_id)
    if group and not has_room(campus_id, size, limits_of(group)):
        limit = format_decimal(limits_of(group).campus_gigabytes)
        said = gettext(
            "本校区的 %(limit)s GB 空间放不下《%(name)s》里的图片了。请清理不用的资源，或请集团管理员增加空间。",
            limit=limit,
            name=name,
        )
        raise Invalid(file=said)


def _topic_titled(subject_id: int, title: str) -> int | None:
    found = db.session.scalars(
        select(LessonTopic.id)
        .join(Unit)
        .join(TextbookVolume)
        .join(TextbookEdition)
        .where(TextbookEdition.subject_id == subject_id, LessonTopic.title == title.strip())
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def change_template(person: Person, group_id: int, places: Sequence[Place]) -> None:
    """Give the group another template; plans follow it when they are opened next, and no text is ever lost by it.

    Raises NotFound unless the person looks after the group's templates.
    """
    if group_id not in queries.template_group_ids(standing_of(person)):
        raise NotFound
    template = db.session.get(PlanTemplate, group_id) or PlanTemplate(group_id=group_id)
    template.sections = layout.to_template(layout.in_proper_form(places))
    template.changed_by_id = person.id
    db.session.add(template)
    commit()
