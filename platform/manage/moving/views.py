"""Pages: The school year's moving up, looked at first and then done."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.database import db
from foundation.errors import Invalid, NotFound
from manage.access import managing
from manage.moving import actions, queries
from manage.sent import Sent
from schools.access import Standing, may_administer, overseen_campuses
from schools.models import Campus, Stage
from schools.names import grade_name
from schools.signing_in import the_person

pages = Blueprint("moving", __name__)

MOST_NEW_CLASSES = 40


@pages.get("/manage/moving")
@allow.signed_in
def list_movings() -> ResponseReturnValue:
    """The campuses, and which of them have moved up into the school year."""
    standing = managing(the_person())
    year = queries.year_to_move_into(standing.day)
    return render_template("manage/list_movings.html", year=year, movings=queries.movings_of(standing, year))


@pages.get("/manage/moving/<int:campus_id>")
@allow.signed_in
def preview_moving(campus_id: int) -> ResponseReturnValue:
    """What moving up would do to each class."""
    standing = managing(the_person())
    return _page(standing, _campus_of(standing, campus_id))


@pages.post("/manage/moving/<int:campus_id>")
@allow.signed_in
def move_up(campus_id: int) -> ResponseReturnValue:
    """The classes of a campus move up."""
    standing = managing(the_person())
    campus = _campus_of(standing, campus_id)
    try:
        new_classes = _new_classes()
    except Invalid as refusal:
        return _page(standing, campus, refusal), 422
    done = actions.move_up(the_person(), campus, request.form.get("seen", ""), new_classes)
    flash(
        gettext(
            "%(campus)s已升入 %(year)d 学年：%(moved)d 个班升级，%(left)d 个班毕业。接下来请给各班安排任课。",
            campus=campus.name,
            year=done.year,
            moved=len(done.moving),
            left=len(done.leaving),
        )
    )
    return redirect(url_for("classes.list_classes", campus=campus.id), 303)


def _campus_of(standing: Standing, campus_id: int) -> Campus:
    campus = db.session.get(Campus, campus_id)
    if campus is None or db.session.scalar(overseen_campuses(standing).where(Campus.id == campus_id)) is None:
        raise NotFound
    return campus


def _new_classes() -> dict[Stage, int]:
    sent = Sent(request.form)
    counts = {stage: sent.number(f"new-{stage}", range(MOST_NEW_CLASSES + 1)) or 0 for stage in Stage}
    sent.check()
    return {stage: count for stage, count in counts.items() if count}


def _page(standing: Standing, campus: Campus, refusal: Invalid | None = None) -> str:
    year = queries.year_to_move_into(standing.day)
    return render_template(
        "manage/preview_moving.html",
        preview=queries.preview_of(campus, year, standing.day),
        done=queries.moving_of(campus, year),
        may_move=may_administer(standing, campus_id=campus.id),
        grade_name=grade_name,
        day=standing.day,
        sent=request.form,
        errors=refusal.fields if refusal else {},
    )
