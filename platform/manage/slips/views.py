"""Pages: password slips for staff and cards for pupils: choosing, making, printing, destroying."""

from datetime import date
from typing import Any

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import today
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Invalid, NotFound
from foundation.jobs import Job
from foundation.paging import pages_for
from manage.slips import access, actions, papers, queries
from manage.slips.papers import PASSWORD_SLIPS, PUPIL_CARDS
from manage.slips.queries import Wanted
from schools import second_step
from schools.access import Standing, standing_of
from schools.models import Person
from schools.pupils import end_of_school_year
from schools.signing_in import the_person

pages = Blueprint("slips", __name__)


@pages.get("/manage/slips")
@allow.signed_in
def choose_people() -> ResponseReturnValue:
    """Whom to give a new password: the people one administers."""
    return _people_page(access.giving_passwords(the_person()))


@pages.post("/manage/slips")
@allow.signed_in
def make_slips() -> ResponseReturnValue:
    """Have slips made for the people chosen, or for everybody in the list."""
    by = the_person()
    standing = access.giving_passwords(by)
    chosen = request.form.getlist("person", type=int)
    if "everyone" in request.form:
        chosen = [person.id for person in db.session.scalars(queries.people_for_slips(standing, _wanted()))]
    try:
        made = actions.ask_for_slips(by, chosen)
    except Invalid as refusal:
        return _people_page(standing, refusal.message), 422
    return redirect(url_for("manage.show_job", code=made.code), 303)


@pages.get("/manage/slips/<code>")
@allow.signed_in
def print_slips(code: str) -> ResponseReturnValue:
    """Slips to print and cut."""
    job = access.printing(the_person(), code, PASSWORD_SLIPS)
    address = url_for("schools.sign_in", _external=True)
    return render_template(
        "manage/print_slips.html",
        job=job,
        papers=papers.papers_of(job),
        address=address,
        picture=_picture(address),
        back=url_for("slips.choose_people"),
    )


@pages.post("/manage/slips/<code>/destroy")
@allow.signed_in
def destroy_slips(code: str) -> ResponseReturnValue:
    """Forget slips that were printed."""
    actions.destroy_papers(access.printing(the_person(), code, PASSWORD_SLIPS))
    flash(gettext("密码条已销毁。"))
    return redirect(url_for("slips.choose_people"), 303)


@pages.post("/manage/slips/people/<int:person_id>/second-step/reset")
@allow.signed_in
def reset_second_step(person_id: int) -> ResponseReturnValue:
    """Take the second step away from somebody who lost phone and recovery codes."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    second_step.reset(the_person(), person)
    flash(gettext("%(name)s的两步登录已重置，所有设备都已退出。", name=person.name))
    return redirect(url_for("slips.choose_people"), 303)


@pages.get("/manage/cards")
@allow.signed_in
def choose_class() -> ResponseReturnValue:
    """The classes for which one may make cards."""
    standing = _making_cards()
    wanted, page, size = _wanted(), _page_number(), _page_size()
    classes, total = queries.classes_for_cards(standing, wanted, page, size)

    def page_url(number: int) -> str:
        return url_for("slips.choose_class", campus=wanted.campus_id, q=wanted.words or None, page=number)

    return render_template(
        "manage/cards.html",
        may_give_both=access.may_give_passwords(standing),
        wanted=wanted,
        classes=classes,
        total=total,
        campuses=queries.campuses_for_cards(standing),
        waiting=papers.waiting_for(the_person(), PUPIL_CARDS),
        page=page,
        pages=pages_for(total, size),
        page_url=page_url,
    )


@pages.get("/manage/cards/<int:class_id>")
@allow.signed_in
def choose_pupils(class_id: int) -> ResponseReturnValue:
    """The pupils of a class: who has a card, and who gets one."""
    return _class_page(class_id)


@pages.post("/manage/cards/<int:class_id>")
@allow.signed_in
def make_cards(class_id: int) -> ResponseReturnValue:
    """Have cards made for the pupils chosen, or for the whole class."""
    by = the_person()
    school_class = access.class_to_card(by, class_id)
    chosen = request.form.getlist("pupil", type=int)
    if "everyone" in request.form:
        chosen = [pupil.id for _, pupil in queries.places_in(school_class)]
    try:
        made = actions.ask_for_cards(by, class_id, chosen, _day_sent("ends_on"))
    except Invalid as refusal:
        return _class_page(class_id, refusal.message), 422
    return redirect(url_for("manage.show_job", code=made.code), 303)


@pages.get("/manage/cards/made/<code>")
@allow.signed_in
def print_cards(code: str) -> ResponseReturnValue:
    """Cards to print and cut."""
    job = access.printing(the_person(), code, PUPIL_CARDS)
    class_code = job.outcome.get("code", "").upper()
    address = url_for("schools.sign_in_as_pupil", _external=True)
    return render_template(
        "manage/print_cards.html",
        job=job,
        papers=papers.papers_of(job),
        class_code=class_code,
        ends_on=date.fromisoformat(job.outcome["ends_on"]) if job.outcome else None,
        address=address,
        picture=_picture(url_for("schools.sign_in_as_pupil", _external=True, **{"class": class_code})),
        back=url_for("slips.choose_pupils", class_id=job.asked["class"]),
    )


@pages.post("/manage/cards/made/<code>/destroy")
@allow.signed_in
def destroy_cards(code: str) -> ResponseReturnValue:
    """Forget cards that were printed."""
    job = access.printing(the_person(), code, PUPIL_CARDS)
    actions.destroy_papers(job)
    flash(gettext("卡片已销毁。"))
    return redirect(url_for("slips.choose_pupils", class_id=job.asked["class"]), 303)


def _people_page(standing: Standing, fault: str = "") -> str:
    wanted, page, size = _wanted(), _page_number(), _page_size()
    people, total = queries.part_of(queries.people_for_slips(standing, wanted), page, size)

    def page_url(number: int) -> str:
        return url_for("slips.choose_people", **_filter_of(wanted), page=number)

    return render_template(
        "manage/slips.html",
        may_give_both=access.may_make_cards(standing),
        wanted=wanted,
        filter=_filter_of(wanted),
        people=people,
        total=total,
        places=queries.places_of([person.id for person in people]),
        campuses=queries.campuses_for_slips(standing),
        waiting=papers.waiting_for(the_person(), PASSWORD_SLIPS),
        second_step_on=second_step.is_on,
        fault=fault,
        page=page,
        pages=pages_for(total, size),
        page_url=page_url,
    )


def _class_page(class_id: int, fault: str = "") -> str:
    school_class = access.class_to_card(the_person(), class_id)
    return render_template(
        "manage/class_cards.html",
        school_class=school_class,
        places=queries.places_in(school_class),
        has_card=queries.has_card,
        ends_on=end_of_school_year(today()),
        waiting=[job for job in papers.waiting_for(the_person(), PUPIL_CARDS) if _is_of(job, class_id)],
        fault=fault,
    )


def _making_cards() -> Standing:
    standing = standing_of(the_person())
    if not access.may_make_cards(standing):
        raise NotFound
    return standing


def _wanted() -> Wanted:
    sent = request.values
    return Wanted(
        campus_id=sent.get("campus", None, int),
        words=" ".join(sent.get("q", "").split())[:40],
        without_password=sent.get("which") == "new",
    )


def _filter_of(wanted: Wanted) -> dict[str, Any]:
    return {
        "campus": wanted.campus_id,
        "q": wanted.words or None,
        "which": "new" if wanted.without_password else None,
    }


def _is_of(job: Job, class_id: int) -> bool:
    return bool(job.asked["class"] == class_id)


def _day_sent(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return end_of_school_year(today())


def _picture(address: str) -> str:
    """A QR picture of an address, for an image."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=1)


def _page_number() -> int:
    return max(request.args.get("page", 1, int), 1)


def _page_size() -> int:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.page_size
