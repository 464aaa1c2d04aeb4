"""The sections of Manage that somebody may use."""

from dataclasses import dataclass
from datetime import date

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import BindParameter, ColumnElement, exists

from schools.access import Scope, Standing, campuses_of_role, groups_of_role
from schools.models import Role, RoleGrant
from schools.roles import MANAGERS


@dataclass(frozen=True)
class Section:
    """A part of Manage; `here` when the present page belongs to it."""

    name: str
    url: str
    icon: str
    here: bool


def may_manage(standing: Standing) -> bool:
    """Whether there is anything in Manage for them."""
    return any(scope.role in MANAGERS for scope in standing.scopes)


def audits(standing: Standing) -> bool:
    """Whether they read of what was done anywhere; 教务 does not."""
    wide = {Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.HEAD, Role.EXECUTIVE_HEAD}
    wholly = {Scope(scope.role, scope.group_id, scope.campus_id) for scope in standing.scopes if scope.role in wide}
    return bool(wholly & standing.scopes)


def holds_something_to_manage(person_id: BindParameter[int], day: date) -> ColumnElement[bool]:
    """The same as a condition, for the one question that every page's frame asks."""
    return exists().where(RoleGrant.person_id == person_id, RoleGrant.role.in_(MANAGERS), RoleGrant.holding_on(day))


def sections(standing: Standing) -> list[Section]:
    """The sections for somebody, in the order in which a school moves in; none for 班主任 who only make cards."""
    if not may_manage(standing):
        return []
    return [
        _section(gettext("概况"), "manage.home", icon="home"),
        _section(gettext("人员"), "people.list_people", icon="users"),
        _section(gettext("校区与部门"), "organisation.list_campuses", icon="building", besides=("live_travel",)),
        _section(gettext("班级与学生"), "classes.list_classes", icon="school", besides=("moving",)),
        *_slips(standing),
        _section(gettext("备课组"), "prep_groups.list_prep_groups", icon="users-group"),
        *_timetables(standing),
        _section(gettext("教材目录"), "curriculum.list_editions", icon="books"),
        *_importing(standing),
        *([_section(gettext("留痕"), "rights.list_audit", icon="history")] if audits(standing) else []),
        *_deciding(standing),
    ]


def _deciding(standing: Standing) -> list[Section]:
    """What a group or school decides about itself: 教务 does not."""
    roles = {scope.role for scope in standing.scopes}
    if roles & {Role.GROUP_ADMIN, Role.CAMPUS_ADMIN}:
        settings = [_section(gettext("设置"), "settings.show_settings", icon="adjustments")]
    else:
        settings = []
    if roles & {Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.HEAD, Role.EXECUTIVE_HEAD}:
        return [*settings, _section(gettext("退出与交接"), "leaving.list_leavings", icon="door-exit")]
    return settings


def _slips(standing: Standing) -> list[Section]:
    """Password slips are for administrators, pupils' cards for 教务 too."""
    roles = {scope.role for scope in standing.scopes}
    if roles & {Role.GROUP_ADMIN, Role.CAMPUS_ADMIN}:
        return [_section(gettext("密码条与卡片"), "slips.choose_people", icon="key")]
    return [_section(gettext("学生卡片"), "slips.choose_class", icon="key")] if Role.ACADEMIC_OFFICE in roles else []


def _timetables(standing: Standing) -> list[Section]:
    """For those who arrange the teaching of a group or a campus."""
    roles = (Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE)
    at_campus = campuses_of_role(standing, *roles) and standing.group_ids
    if groups_of_role(standing, *roles) or at_campus:
        return [_section(gettext("课表"), "timetables.list_classes", icon="calendar-week")]
    return []


def _importing(standing: Standing) -> list[Section]:
    """For those whose files may change something: in groups only, as a roster is that of a group."""
    roles = (Role.GROUP_ADMIN, Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE)
    at_campus = campuses_of_role(standing, *roles) and standing.group_ids
    if groups_of_role(standing, *roles) or at_campus:
        return [_section(gettext("导入"), "importing.new_import", icon="file-import")]
    return []


def _section(name: str, endpoint: str, *, icon: str, besides: tuple[str, ...] = ()) -> Section:
    """`besides`: other packages whose pages belong to the section."""
    blueprint, present = endpoint.split(".")[0], request.endpoint or ""
    here = present == endpoint if blueprint == "manage" else present.split(".")[0] in (blueprint, *besides)
    return Section(name, url_for(endpoint), icon, here)
