"""为什么: the facts behind what somebody may, in words with their dates: postings, prep groups and roles.

What counts is asked of `schools.access`; here it is only said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from flask_babel import format_date, gettext
from sqlalchemy import Select, or_, select

from foundation.database import db
from foundation.days import Dated
from schools.access import Scope, Standing, assigned_classes, grants_behind, standing_of
from schools.models import (
    Campus,
    Division,
    Group,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupPick,
    RoleGrant,
    SchoolClass,
    Subject,
    TeachingAssignment,
)
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES, subject_name
from schools.roles import Reach

MOST_TURNS = 8
"""How many days on which somebody's standing changed are tried, back and forth, in search of the nearest one with a right."""

Asking = Callable[[Standing], Sequence[str]]
"""Says why somebody with a standing may: a sentence for each reason, none when they may not."""


@dataclass(frozen=True)
class Answer:
    """Why somebody may; for those who may not, the nearest time at which they might, as `before` (its last day) or `after`."""

    reasons: Sequence[str]
    before: date | None = None
    after: date | None = None
    reasons_then: Sequence[str] = ()


class Inquiry:
    """Questions about one person: what they were on a day is found once, however much is asked."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.present = standing_of(person)
        self._on = {self.present.day: self.present}

    def answer(self, asking: Asking) -> Answer:
        """Ask on the present day, else on the nearest other day on which the answer would be another."""
        reasons = asking(self.present)
        if reasons:
            return Answer(reasons)
        past, future = self._turns
        for last in past:
            reasons = asking(self._standing(last))
            if reasons:
                return Answer((), before=last, reasons_then=reasons)
        for first in future:
            reasons = asking(self._standing(first))
            if reasons:
                return Answer((), after=first, reasons_then=reasons)
        return Answer(())

    def _standing(self, day: date) -> Standing:
        if day not in self._on:
            self._on[day] = standing_of(self.person, on=day)
        return self._on[day]

    @cached_property
    def _turns(self) -> tuple[list[date], list[date]]:
        return _turns(self.person.id, self.present.day)


def day_said(day: date) -> str:
    """A day in words."""
    return str(format_date(day, gettext("y年M月d日"), rebase=False))


def span(dated: Dated) -> str:
    """From when until when, the last day counting: 2025年9月1日起, 至 2026年6月30日."""
    begins = gettext("%(day)s起", day=day_said(dated.from_day))
    if dated.to_day is None:
        return begins
    last = day_said(dated.to_day - timedelta(days=1))
    return gettext("%(begins)s，到%(last)s为止", begins=begins, last=last)


def postings_said(standing: Standing, campus_ids: frozenset[int]) -> list[str]:
    """The postings at those campuses: 在丹江路校区任职（轮岗，2026年9月1日起）."""
    postings = db.session.scalars(
        select(Posting)
        .where(
            Posting.person_id == standing.person_id,
            Posting.campus_id.in_(campus_ids),
            Posting.holding_on(standing.day),
        )
        .order_by(Posting.from_day, Posting.id)
    )
    return [
        gettext(
            "在%(campus)s任职（%(kind)s，%(span)s）",
            campus=posting.campus.short_name,
            kind=POSTING_KIND_NAMES[posting.kind],
            span=span(posting),
        )
        for posting in postings
    ]


def membership_said(standing: Standing, prep_group_id: int) -> str:
    """How they belong to a prep group: by classes, by hand, as its lead."""
    prep_group = db.session.get_one(PrepGroup, prep_group_id)
    ways = [*_classes_said(standing, prep_group_id), *_picks_said(standing, prep_group_id)]
    if prep_group_id in standing.led_prep_group_ids:
        ways += leading_said(standing, prep_group_id)
    return gettext("是备课组“%(name)s”的成员：%(ways)s", name=prep_group.name, ways=gettext("；").join(ways))


def leading_said(standing: Standing, prep_group_id: int) -> list[str]:
    """That they lead a prep group, since when."""
    return [
        sentence
        for scope in standing.scopes
        if scope.prep_group_id == prep_group_id
        for sentence in role_said(standing, scope)
    ]


def role_said(standing: Standing, scope: Scope) -> list[str]:
    """A role with its dates: 担任丹江路校区的校长（2025年9月1日起）."""
    return [
        gettext(
            "担任%(where)s的%(role)s（%(span)s）",
            where=_reach(grant).words,
            role=ROLE_NAMES[grant.role],
            span=span(grant),
        )
        for grant in grants_behind(standing, scope)
    ]


def in_group_said(standing: Standing, group: Group) -> list[str]:
    """The postings that let them belong to a group: 在丹江路校区任职（…），是罗溪片区的校区."""
    members = select(Membership.campus_id).where(
        Membership.group_id == group.id,
        Membership.campus_id.in_(standing.campus_ids),
        Membership.holding_on(standing.day),
    )
    postings = postings_said(standing, frozenset(db.session.scalars(members)))
    return [gettext("%(posting)s，是%(group)s的校区", posting=posting, group=group.name) for posting in postings]


def _classes_said(standing: Standing, prep_group_id: int) -> list[str]:
    taught = db.session.execute(
        assigned_classes(standing.day)
        .with_only_columns(TeachingAssignment, SchoolClass, Campus, Subject)
        .join(Campus, Campus.id == SchoolClass.campus_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.person_id == standing.person_id, PrepGroup.id == prep_group_id)
        .order_by(TeachingAssignment.from_day, SchoolClass.id)
    )
    return [
        gettext(
            "任教%(campus)s%(school_class)s的%(subject)s（%(span)s）",
            campus=campus.short_name,
            school_class=school_class.name,
            subject=subject_name(subject),
            span=span(assignment),
        )
        for assignment, school_class, campus, subject in taught
    ]


def _picks_said(standing: Standing, prep_group_id: int) -> list[str]:
    picks = db.session.scalars(
        select(PrepGroupPick).where(
            PrepGroupPick.person_id == standing.person_id,
            PrepGroupPick.prep_group_id == prep_group_id,
            PrepGroupPick.holding_on(standing.day),
        )
    )
    return [gettext("手工加入（%(span)s）", span=span(pick)) for pick in picks]


def _reach(grant: RoleGrant) -> Reach:
    """Where a role was given, by its names."""
    place: Group | Campus | PrepGroup
    if grant.prep_group_id is not None:
        return Reach(gettext("备课组“%(name)s”", name=db.session.get_one(PrepGroup, grant.prep_group_id).name))
    if grant.campus_id is not None:
        place = db.session.get_one(Campus, grant.campus_id)
    else:
        place = db.session.get_one(Group, grant.group_id)
    division = db.session.get(Division, grant.division_id) if grant.division_id else None
    subject = db.session.get(Subject, grant.subject_id) if grant.subject_id else None
    return Reach(place.name, division.name if division else None, subject, grant.grade)


def _turns(person_id: int, day: date) -> tuple[list[date], list[date]]:
    """The last days of what has ended and the first days of what is to come, each the nearest first."""
    campuses = select(Posting.campus_id).where(Posting.person_id == person_id)
    held: list[Select[tuple[date, date | None]]] = [
        select(kind.from_day, kind.to_day).where(kind.person_id == person_id)
        for kind in (Posting, RoleGrant, TeachingAssignment, PrepGroupPick)
    ]
    held.append(
        select(Membership.from_day, Membership.to_day).where(
            or_(
                Membership.campus_id.in_(campuses),
                Membership.campus_id.in_(select(RoleGrant.campus_id).where(RoleGrant.person_id == person_id)),
            )
        )
    )
    spans = [span for query in held for span in db.session.execute(query).tuples()]
    ended = {to_day - timedelta(days=1) for _, to_day in spans if to_day is not None and to_day <= day}
    to_come = {from_day for from_day, _ in spans if from_day > day}
    return sorted(ended, reverse=True)[:MOST_TURNS], sorted(to_come)[:MOST_TURNS]
