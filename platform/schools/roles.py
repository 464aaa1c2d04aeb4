"""Roles as presets: where each may be given, and what it allows, in words. Every page takes its words from here."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from schools.models import Role, RoleGrant, Subject
from schools.names import grade_name, subject_name

MANAGERS: Final = frozenset({Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE, Role.HEAD, Role.EXECUTIVE_HEAD})
"""Whoever holds one of these roles has something to manage, or to look after."""

GUESTS: Final = frozenset({Role.GUEST_RESEARCHER, Role.GUEST_INSPECTOR})
"""Roles of people from outside; they always have a last day."""


class PlaceKind(enum.StrEnum):
    """What a role is given for."""

    GROUP = "group"
    CAMPUS = "campus"
    PREP_GROUP = "prep_group"


class Narrowing(enum.StrEnum):
    """What a role for a group or a campus may be narrowed by."""

    DIVISION = "division"
    SUBJECT = "subject"
    GRADE = "grade"


@dataclass(frozen=True)
class Preset:
    """How a role may be given: for which kinds of places, narrowed by what; some must be narrowed by the subject."""

    places: tuple[PlaceKind, ...]
    narrowings: frozenset[Narrowing] = frozenset()
    needs_subject: bool = False
    must_end: bool = False


_ANYWHERE: Final = (PlaceKind.GROUP, PlaceKind.CAMPUS)
_BY_ALL: Final = frozenset(Narrowing)
_BY_YEARS: Final = frozenset({Narrowing.DIVISION, Narrowing.GRADE})

PRESETS: Final[Mapping[Role, Preset]] = {
    Role.HEAD: Preset(_ANYWHERE),
    Role.EXECUTIVE_HEAD: Preset(_ANYWHERE, _BY_YEARS),
    Role.ACADEMIC_OFFICE: Preset(_ANYWHERE, _BY_YEARS),
    Role.SUBJECT_LEAD: Preset(_ANYWHERE, _BY_ALL, needs_subject=True),
    Role.PREP_LEAD: Preset((PlaceKind.PREP_GROUP,)),
    Role.GUEST_RESEARCHER: Preset(_ANYWHERE, _BY_ALL, must_end=True),
    Role.GUEST_INSPECTOR: Preset(_ANYWHERE, _BY_ALL, must_end=True),
    Role.GROUP_ADMIN: Preset((PlaceKind.GROUP,)),
    Role.CAMPUS_ADMIN: Preset((PlaceKind.CAMPUS,)),
}
"""The roles that are given. 教师 is not among them: working at a campus makes somebody a teacher there."""

_READS: Final = lazy_gettext("可看所有非个人教案")
_READS_AND_KNOWS: Final = lazy_gettext("可看所有非个人教案和人员名单")
_VISITS: Final = lazy_gettext("可看所有非个人教案，不能修改")

_MEANINGS: Final[Mapping[Role, LazyString]] = {
    Role.HEAD: _READS_AND_KNOWS,
    Role.EXECUTIVE_HEAD: _READS_AND_KNOWS,
    Role.ACADEMIC_OFFICE: lazy_gettext(
        "可看所有非个人教案，可安排班级、任课和备课组；全集团的教务还管教材目录和教案模板"
    ),
    Role.SUBJECT_LEAD: _READS,
    Role.PREP_LEAD: lazy_gettext("可看、可改组内所有非个人教案（包括已归档的），可定谁能看到，可删除"),
    Role.TEACHER: lazy_gettext("可写自己的教案，可看分享到本校区、备课组和集团的教案；由任职和任课而来，不用另外授予"),
    Role.GUEST_RESEARCHER: _VISITS,
    Role.GUEST_INSPECTOR: _VISITS,
    Role.GROUP_ADMIN: lazy_gettext(
        "管理校区、级部、备课组和教材目录，管理各校区的人员、班级和学生（由校区自己管理的除外）；不因此看到教案"
    ),
    Role.CAMPUS_ADMIN: lazy_gettext("管理这个校区的人员、班级和学生；不因此看到教案"),
}

_NARROWED_MEANINGS: Final[Mapping[Role, LazyString]] = {Role.ACADEMIC_OFFICE: _READS_AND_KNOWS}


@dataclass(frozen=True)
class Reach:
    """What a role reaches, by its names: the group, campus or prep group, and what it is narrowed by."""

    place: str
    division: str | None = None
    subject: Subject | None = None
    grade: int | None = None

    @property
    def narrowed(self) -> bool:
        """Whether it is less than the whole of the place."""
        return bool(self.division or self.subject or self.grade)

    @property
    def words(self) -> str:
        """As one says it: 罗溪中心小学的语文学科."""
        parts = [self.division] if self.division else []
        parts += [grade_name(None, self.grade)] if self.grade else []
        parts += [gettext("%(subject)s学科", subject=subject_name(self.subject))] if self.subject else []
        return gettext("%(place)s的%(part)s", place=self.place, part=" · ".join(parts)) if parts else self.place


def meaning_of(role: Role, *, narrowed: bool = False) -> str:
    """What a role allows, without where, as the beginning of a sentence."""
    meaning = _meaning(role, narrowed=narrowed)
    return meaning[:1].upper() + meaning[1:]


def sentence_of(role: Role, reach: Reach) -> str:
    """What a role allows where it was given: 在罗溪中心小学的语文学科：可看所有非个人教案。"""
    return gettext("在%(where)s：%(what)s。", where=reach.words, what=_meaning(role, narrowed=reach.narrowed))


def _meaning(role: Role, *, narrowed: bool) -> str:
    return str((_NARROWED_MEANINGS if narrowed and role in _NARROWED_MEANINGS else _MEANINGS)[role])


def is_whole(grant: RoleGrant) -> bool:
    """Whether a role was given for the whole of a group or campus."""
    return all(part is None for part in (grant.prep_group_id, grant.division_id, grant.subject_id, grant.grade))
