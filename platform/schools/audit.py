"""留痕: who changed which right, person or membership, opened whose data, exported what.

An entry is part of the unit of work that it tells of: what was rolled back was not done.
"""

from datetime import datetime
from typing import Any, Final

from flask import has_request_context, request
from flask_babel import lazy_gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from foundation.database import commit, db, writing
from schools.access import viewing_now
from schools.models import AuditEntry, Person
from schools.staff import campus_of

ACTIONS: Final = {
    "posting_made": lazy_gettext("派驻"),
    "posting_changed": lazy_gettext("更改派驻"),
    "posting_ended": lazy_gettext("结束派驻"),
    "grant_made": lazy_gettext("授予角色"),
    "grant_ended": lazy_gettext("收回角色"),
    "person_made": lazy_gettext("新增一人"),
    "person_changed": lazy_gettext("更正人员"),
    "person_left": lazy_gettext("离岗"),
    "person_back": lazy_gettext("重新到岗"),
    "title_given": lazy_gettext("添加荣誉"),
    "title_removed": lazy_gettext("删除荣誉"),
    "handed_over": lazy_gettext("交接工作"),
    "plan_shared": lazy_gettext("更改教案可见范围"),
    "plan_deleted": lazy_gettext("删除教案"),
    "plan_restored": lazy_gettext("恢复教案"),
    "plan_downloaded": lazy_gettext("下载他人教案"),
    "resource_shared": lazy_gettext("更改资源可见范围"),
    "resource_review_asked": lazy_gettext("申请扩大资源可见范围"),
    "resource_passed": lazy_gettext("同意扩大资源可见范围"),
    "resource_refused": lazy_gettext("不同意扩大资源可见范围"),
    "resource_deleted": lazy_gettext("删除资源"),
    "resource_restored": lazy_gettext("恢复资源"),
    "pack_made": lazy_gettext("打包下载资源"),
    "audit_exported": lazy_gettext("导出留痕"),
    "view_as_began": lazy_gettext("开始代看"),
    "view_as_opened": lazy_gettext("代看时打开"),
    "view_as_ended": lazy_gettext("结束代看"),
    "password_slip_made": lazy_gettext("打印密码条"),
    "pupil_cards_made": lazy_gettext("打印学生卡片"),
    "second_step_on": lazy_gettext("开启两步登录"),
    "second_step_off": lazy_gettext("关闭两步登录"),
    "second_step_reset": lazy_gettext("重置两步登录"),
    "recovery_code_used": lazy_gettext("用恢复码登录"),
    "account_linked": lazy_gettext("关联外部账号"),
    "account_unlinked": lazy_gettext("取消关联外部账号"),
    "campus_added": lazy_gettext("校区加入集团"),
    "campus_changed": lazy_gettext("改校区资料"),
    "membership_changed": lazy_gettext("更改成员关系"),
    "data_kept": lazy_gettext("更改数据由谁管理"),
    "division_made": lazy_gettext("建立级部"),
    "division_changed": lazy_gettext("更改级部"),
    "division_deleted": lazy_gettext("删除级部"),
    "unit_made": lazy_gettext("建立部门"),
    "unit_changed": lazy_gettext("更改部门"),
    "unit_deleted": lazy_gettext("删除部门"),
    "unit_joined": lazy_gettext("加入部门"),
    "unit_left": lazy_gettext("离开部门"),
    "class_made": lazy_gettext("建立班级"),
    "class_changed": lazy_gettext("更改班级"),
    "class_deleted": lazy_gettext("删除班级"),
    "classes_moved_up": lazy_gettext("全校升级"),
    "pupils_added": lazy_gettext("学生入班"),
    "pupil_changed": lazy_gettext("更正学生"),
    "pupil_moved": lazy_gettext("学生转班"),
    "pupil_left": lazy_gettext("学生离校"),
    "assignment_made": lazy_gettext("开始任课"),
    "assignment_ended": lazy_gettext("结束任课"),
    "lesson_changed": lazy_gettext("登记调课、代课或停课"),
    "lesson_restored": lazy_gettext("撤回调课、代课或停课"),
    "session_answered": lazy_gettext("答复跨校区课"),
    "session_cancelled": lazy_gettext("取消跨校区课"),
    "session_lead_changed": lazy_gettext("更换主讲"),
    "session_helper_changed": lazy_gettext("更换助教"),
    "session_guest_added": lazy_gettext("邀请听课"),
    "session_guest_removed": lazy_gettext("取消邀请听课"),
    "timetable_imported": lazy_gettext("导入课表"),
    "roll_corrected": lazy_gettext("更正课堂考勤"),
    "session_patrolled": lazy_gettext("巡课"),
    "prep_group_made": lazy_gettext("建立备课组"),
    "prep_group_changed": lazy_gettext("更改备课组"),
    "prep_group_deleted": lazy_gettext("删除备课组"),
    "pick_made": lazy_gettext("点名加入备课组"),
    "pick_ended": lazy_gettext("移出备课组"),
    "imported": lazy_gettext("导入名单"),
    "roster_exported": lazy_gettext("导出名单"),
    "leaving_terms": lazy_gettext("更改退出约定"),
    "campus_exported": lazy_gettext("导出学校数据"),
    "campus_leaves": lazy_gettext("学校退出集团"),
    "campus_stays": lazy_gettext("取消退出集团"),
    "settings_changed": lazy_gettext("更改集团设置"),
    "synonym_made": lazy_gettext("添加同义词"),
    "synonym_changed": lazy_gettext("更改同义词"),
    "synonym_deleted": lazy_gettext("删除同义词"),
}
"""What can have been done, by its short name, in words. Every `action` that is recorded stands here."""

MEMBERSHIP: Final = "membership"
"""The kind of things that concern a campus and its group alike: both read what was done to them."""


def record(
    by: Person | None,
    action: str,
    kind: str = "",
    thing: Any = None,
    *,
    name: str = "",
    campus_id: int | None = None,
    group_id: int | None = None,
    **details: Any,
) -> None:
    """Write down that `by` (None: the product itself) did `action` to `thing`, a record of `kind`, called `name`.

    `campus_id` is the campus whose data it concerns; its head reads the entry. One about a membership is read in its group too. `details` hold what changed, in values that JSON
    knows; never a password, a PIN or a secret. The caller commits.
    """
    db.session.add(_entry(by, action, kind, thing, name, campus_id, group_id, details))


def record_at_once(
    by: Person | None,
    action: str,
    kind: str = "",
    thing: Any = None,
    *,
    name: str = "",
    campus_id: int | None = None,
    group_id: int | None = None,
    **details: Any,
) -> None:
    """The same for pages that only look: it is committed by itself. Not to be called from a unit of work that writes."""
    entry = _entry(by, action, kind, thing, name, campus_id, group_id, details)
    with writing(), Session(db.engine) as own:
        own.add(entry)
        own.commit()


def forget_before(moment: datetime, chunk: int = 5000) -> int:
    """Delete the entries made before that moment, some thousand at a time so that others can write; returns how many."""
    forgotten = 0
    while True:
        oldest = select(AuditEntry.id).where(AuditEntry.made_at < moment).order_by(AuditEntry.made_at).limit(chunk)
        ids = db.session.scalars(oldest).all()
        db.session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
        commit()
        forgotten += len(ids)
        if len(ids) < chunk:
            return forgotten


def _entry(
    by: Person | None,
    action: str,
    kind: str,
    thing: Any,
    name: str,
    campus_id: int | None,
    group_id: int | None,
    details: dict[str, Any],
) -> AuditEntry:
    if action not in ACTIONS:
        raise ValueError(f"{action} is not among schools.audit.ACTIONS")
    if by and campus_id is None and group_id is None:
        campus_id = campus_of(by)  # somebody has to read of it
    viewing = viewing_now()
    if viewing and viewing.viewing_as and by and by.id == viewing.viewing_as_id:
        by, details = viewing.person, {**details, "viewed": viewing.viewing_as.name}
    return AuditEntry(
        person_id=by.id if by else None,
        person_name=by.name if by else "",
        action=action,
        object_kind=kind,
        object_id=getattr(thing, "id", None),
        object_name=(name or getattr(thing, "name", ""))[:120],
        campus_id=campus_id,
        group_id=group_id,
        details=details,
        address=(request.remote_addr or "")[:45] if has_request_context() else "",
    )
