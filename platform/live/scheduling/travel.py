"""Minutes from one campus to the other: a page of a group, for whoever arranges all of it."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from foundation import allow
from foundation.database import commit, db
from foundation.errors import Invalid, NotFound
from foundation.sent import number
from live.models import CampusTravel
from schools.access import Standing, may_arrange, standing_of
from schools.models import Group, Person
from schools.signing_in import the_person
from timetable.queries import campuses_shown

pages = Blueprint("live_travel", __name__, template_folder="../templates", url_prefix="/live")

LONGEST = 480
"""Minutes; whoever needs longer does not teach at both on one day."""


@pages.route("/travel", methods=["GET", "POST"])
@allow.signed_in
def edit_travel() -> ResponseReturnValue:
    """The campuses of a group against each other."""
    person = the_person()
    standing = standing_of(person)
    group = _group(standing, request.args.get("group", type=int))
    campuses = campuses_shown({group.id}, standing.day)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            set_travel(person, group, request.form)
            flash(gettext("路程已保存，排课时会留出路上的时间。"))
            return redirect(url_for(".edit_travel", group=group.id), 303)
        except Invalid as refusal:
            db.session.rollback()
            errors = refusal.fields
    page = render_template(
        "live/finding/travel.html",
        group=group,
        campuses=campuses,
        minutes=minutes_between([campus.id for campus in campuses]),
        sent=request.form,
        errors=errors,
        longest=LONGEST,
    )
    return (page, 422) if errors else page


def minutes_between(campus_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """What is known of the ways between campuses, by pairs, the smaller number first."""
    rows = db.session.scalars(
        select(CampusTravel).where(CampusTravel.one_id.in_(campus_ids), CampusTravel.other_id.in_(campus_ids))
    )
    return {(row.one_id, row.other_id): row.minutes for row in rows}


def set_travel(by: Person, group: Group, sent: Mapping[str, str]) -> None:
    """Keep the minutes sent as `way-<one>-<other>`; an empty field forgets them. Raises NotFound, Invalid."""
    standing = standing_of(by)
    if not may_arrange(standing, group_id=group.id):
        raise NotFound
    ids = sorted(campus.id for campus in campuses_shown({group.id}, standing.day))
    for one, other in combinations(ids, 2):
        name = f"way-{one}-{other}"
        if name in sent:
            _keep(one, other, _minutes(name, sent[name].strip()))
    commit()


def _minutes(name: str, text: str) -> int | None:
    if not text:
        return None
    found = number(text)
    if found is None or found > LONGEST:
        raise Invalid(**{name: gettext("路程请填 0 到 %(longest)d 分钟，不知道就空着。", longest=LONGEST)})
    return found


def _keep(one: int, other: int, minutes: int | None) -> None:
    way = db.session.get(CampusTravel, (one, other))
    if minutes is None:
        if way is not None:
            db.session.delete(way)
    elif way is None:
        db.session.add(CampusTravel(one_id=one, other_id=other, minutes=minutes))
    else:
        way.minutes = minutes


def _group(standing: Standing, group_id: int | None) -> Group:
    """The group asked for, or the first of which the person arranges the whole. Raises NotFound."""
    mine = [each for each in sorted(standing.group_ids) if may_arrange(standing, group_id=each)]
    chosen = group_id if group_id in mine else next(iter(mine if group_id is None else []), None)
    if chosen is None:
        raise NotFound
    return db.session.get_one(Group, chosen)
