"""Pages: People: the list, a person's card, postings, honours and roles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from foundation import allow
from foundation.clock import SCHOOL_ZONE
from foundation.config import Settings
from foundation.errors import Conflict, Invalid, NotFound
from manage.access import managing
from manage.finding import colleague_named, colleagues
from manage.people import access, actions, queries
from manage.people.forms import (
    GRADES,
    HandOverForm,
    PeopleFilter,
    PersonForm,
    PostingForm,
    RoleForm,
    State,
    TitleForm,
    day_sent,
)
from schools.access import Standing, campuses_of_my_groups
from schools.actions import end_grant, end_posting
from schools.models import Campus, Division, Group, Person, PostingKind, PrepGroup, Role
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES, grade_name, subject_name
from schools.queries import subjects
from schools.roles import GUESTS, PRESETS, PlaceKind, meaning_of, sentence_of
from schools.signing_in import the_person
from schools.staff import Authority, authority_of, campuses_belonged_to, circle_of

pages = Blueprint("people", __name__)

STATE_NAMES = {
    State.PRESENT: lazy_gettext("在岗"),
    State.LEAVING: lazy_gettext("将离岗"),
    State.COMING: lazy_gettext("将到岗"),
    State.GONE: lazy_gettext("已离岗"),
    State.ALL: lazy_gettext("全部人员"),
}

USUAL_TITLES = (
    lazy_gettext("骨干教师"),
    lazy_gettext("学科带头人"),
    lazy_gettext("名师"),
    lazy_gettext("特级教师"),
    lazy_gettext("正高级教师"),
    lazy_gettext("名师工作室主持人"),
)

Faults = Mapping[str, str]


@pages.app_context_processor
def _words() -> dict[str, object]:
    return {
        "posting_kind_names": POSTING_KIND_NAMES,
        "role_names": ROLE_NAMES,
        "role_sentence": sentence_of,
        "grade_in_words": grade_name,
    }


@pages.get("/manage/people")
@allow.signed_in
def list_people() -> ResponseReturnValue:
    """The staff of one's groups: found by name, pinyin, initials or number, narrowed by campus, subject, role and state."""
    standing = managing(the_person())
    wanted = PeopleFilter.read(request.args)
    settings: Settings = current_app.config["SETTINGS"]
    circle, every_subject = circle_of(standing), subjects()
    return render_template(
        "manage/list_people.html",
        wanted=wanted,
        found=queries.people_of(circle, wanted, settings.page_size, standing.day, every_subject),
        campuses=queries.campuses_seen(circle),
        subjects=every_subject,
        states=STATE_NAMES,
        roles=list(PRESETS),
        may_add=bool(authority_of(standing).campus_ids),
    )


@pages.get("/manage/roles")
@allow.signed_in
def list_roles() -> ResponseReturnValue:
    """What each role allows, and who holds it."""
    standing = managing(the_person())
    return render_template(
        "manage/list_roles.html",
        roles=[*PRESETS, Role.TEACHER],
        holders=queries.holders_of_roles(standing),
        meaning_of=meaning_of,
        guests=GUESTS,
    )


@pages.route("/manage/people/new", methods=["GET", "POST"])
@allow.signed_in
def new_person() -> ResponseReturnValue:
    """Somebody new at one of one's campuses."""
    standing = managing(the_person())
    authority = _administering(standing)
    faults: Faults = {}
    if request.method == "POST":
        try:
            form, posting = PersonForm.read(request.form), PostingForm.read(request.form, standing.day)
            _must_choose_campus(posting)
            person = actions.add_person(the_person(), form, posting)
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("已新增%(name)s。下一步：授予角色，或到“班级与学生”安排任课。", name=person.name))
            return _to_card(person)
    values = _values({"from_day": standing.day.isoformat(), "kind": PostingKind.HOME.value, "share": "100"})
    return _form_page(
        "manage/new_person.html", faults, values, campuses=_named(queries.campuses_administered(authority))
    )


@pages.route("/manage/people/new-guest", methods=["GET", "POST"])
@allow.signed_in
def new_guest() -> ResponseReturnValue:
    """Somebody from outside, who reads along until a day."""
    standing = managing(the_person())
    authority = _administering(standing)
    faults: Faults = {}
    if request.method == "POST":
        try:
            form, role = PersonForm.read(request.form), RoleForm.read(request.form, standing.day, GUESTS)
            person = actions.add_guest(the_person(), form, role)
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("已新增%(name)s，权限到期自动收回。", name=person.name))
            return _to_card(person)
    values = _values({"from_day": standing.day.isoformat(), "role": Role.GUEST_RESEARCHER.value})
    return _form_page(
        "manage/new_guest.html",
        faults,
        values,
        **_options(queries.places_of(standing, authority), (PlaceKind.GROUP, PlaceKind.CAMPUS)),
        roles=[role for role in PRESETS if role in GUESTS],
        meaning_of=meaning_of,
    )


@pages.get("/manage/people/<int:person_id>")
@allow.signed_in
def show_person(person_id: int) -> ResponseReturnValue:
    """Somebody's card."""
    standing, person, authority = _asked(person_id)
    return render_template(
        "manage/show_person.html",
        person=person,
        card=queries.card_of(person),
        authority=authority,
        may_look_after=authority.may_look_after(person),
        may_give=bool(authority.group_ids or authority.campus_ids) and person.left_at is None,
        may_see_hand_over=access.may_see_hand_over(standing, authority, person),
        left_on=_left_on(person),
        day=standing.day,
    )


@pages.route("/manage/people/<int:person_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_person(person_id: int) -> ResponseReturnValue:
    """Correct somebody's name or staff number."""
    _, person, authority = _asked(person_id)
    access.must_look_after(authority, person)
    faults: Faults = {}
    if request.method == "POST":
        try:
            actions.correct_person(the_person(), person, PersonForm.read(request.form))
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("已更正。"))
            return _to_card(person)
    values = _values({"name": person.name, "staff_number": person.staff_number or ""})
    return _form_page("manage/edit_person.html", faults, values, person=person)


@pages.route("/manage/people/<int:person_id>/postings/new", methods=["GET", "POST"])
@allow.signed_in
def new_posting(person_id: int) -> ResponseReturnValue:
    """Somebody works at one more campus."""
    standing, person, authority = _asked(person_id)
    _must_have_campuses(authority)
    faults: Faults = {}
    if request.method == "POST":
        try:
            form = PostingForm.read(request.form, standing.day)
            _must_choose_campus(form)
            actions.add_posting(the_person(), person, form)
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("派驻已保存，权限随日期开始和结束。"))
            return _to_card(person)
    values = _values({"from_day": standing.day.isoformat(), "kind": PostingKind.ROTATION.value, "share": "100"})
    return _form_page(
        "manage/edit_posting.html",
        faults,
        values,
        person=person,
        posting=None,
        campuses=_named(queries.campuses_administered(authority)),
    )


@pages.route("/manage/people/<int:person_id>/postings/<int:posting_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_posting(person_id: int, posting_id: int) -> ResponseReturnValue:
    """Other days, kind or share of a posting."""
    standing, person, authority = _asked(person_id)
    posting = access.posting_of(person, posting_id)
    access.must_administer(authority, posting.campus_id)
    faults: Faults = {}
    if request.method == "POST":
        try:
            actions.change_posting(the_person(), posting, PostingForm.read(request.form, posting.from_day))
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("派驻已保存，权限随日期开始和结束。"))
            return _to_card(person)
    values = _values(
        {
            "kind": posting.kind.value,
            "share": str(posting.share_percent),
            "from_day": posting.from_day.isoformat(),
            "to_day": posting.to_day.isoformat() if posting.to_day else "",
        }
    )
    return _form_page(
        "manage/edit_posting.html", faults, values, person=person, posting=posting, today=standing.day.isoformat()
    )


@pages.post("/manage/people/<int:person_id>/postings/<int:posting_id>/end")
@allow.signed_in
def stop_posting(person_id: int, posting_id: int) -> ResponseReturnValue:
    """Let a posting end."""
    standing, person, _ = _asked(person_id)
    posting = access.posting_of(person, posting_id)
    end_posting(the_person(), posting, max(standing.day, posting.from_day))
    flash(gettext("在%(campus)s的任职已结束。", campus=posting.campus.name))
    return _to_card(person)


@pages.route("/manage/people/<int:person_id>/titles/new", methods=["GET", "POST"])
@allow.signed_in
def new_title(person_id: int) -> ResponseReturnValue:
    """Write an honour on somebody's card."""
    standing, person, authority = _asked(person_id)
    access.must_look_after(authority, person)
    faults: Faults = {}
    if request.method == "POST":
        try:
            actions.give_title(the_person(), person, TitleForm.read(request.form, standing.day))
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("荣誉已登记。"))
            return _to_card(person)
    values = _values({"from_day": standing.day.isoformat()})
    return _form_page("manage/new_title.html", faults, values, person=person, titles=USUAL_TITLES)


@pages.post("/manage/people/<int:person_id>/titles/<int:title_id>/remove")
@allow.signed_in
def remove_title(person_id: int, title_id: int) -> ResponseReturnValue:
    """Take an honour off somebody's card."""
    _, person, _ = _asked(person_id)
    actions.remove_title(the_person(), person, access.title_of(person, title_id))
    flash(gettext("荣誉已删除。"))
    return _to_card(person)


@pages.route("/manage/people/<int:person_id>/roles/new", methods=["GET", "POST"])
@allow.signed_in
def new_role(person_id: int) -> ResponseReturnValue:
    """Trust somebody with a role: choose it, see the sentence of what it will allow, then give it."""
    standing, person, authority = _asked(person_id)
    if not authority.group_ids and not authority.campus_ids:
        raise NotFound
    faults: Faults = {}
    form = None
    if request.method == "POST":
        try:
            form = RoleForm.read(request.form, standing.day)
            if request.form.get("go") == "give" and request.form.get("seen") == _sentence(form):
                actions.give_role(the_person(), person, form)
                flash(gettext("已授予%(name)s“%(role)s”。", name=person.name, role=ROLE_NAMES[form.role]))
                return _to_card(person)
        except Invalid as refusal:
            faults, form = refusal.fields, None
    chosen = next((role for role in PRESETS if role.value == request.values.get("role")), None)
    preset = PRESETS[chosen] if chosen else None
    return _form_page(
        "manage/new_role.html",
        faults,
        _values({"from_day": standing.day.isoformat()}),
        person=person,
        chosen=chosen,
        preset=preset,
        **_options(queries.places_of(standing, authority), preset.places if preset else ()),
        grades=[(str(grade), grade_name(None, grade)) for grade in GRADES],
        sentence=_sentence(form) if form else "",
        meaning_of=meaning_of,
        roles=list(PRESETS),
    )


@pages.post("/manage/people/<int:person_id>/roles/<int:grant_id>/end")
@allow.signed_in
def take_role(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role back."""
    standing, person, _ = _asked(person_id)
    grant = access.grant_of(person, grant_id)
    try:
        end_grant(the_person(), grant, max(standing.day, grant.from_day))
    except Conflict as refusal:
        flash(refusal.message, "error")
    else:
        flash(gettext("已收回“%(role)s”。", role=ROLE_NAMES[grant.role]))
    return _to_card(person)


@pages.route("/manage/people/<int:person_id>/leave", methods=["GET", "POST"])
@allow.signed_in
def leave(person_id: int) -> ResponseReturnValue:
    """Somebody leaves on a day."""
    standing, person, authority = _asked(person_id)
    access.must_look_after(authority, person)
    faults: Faults = {}
    if request.method == "POST":
        try:
            day = day_sent(request.form, "on", missing=gettext("请填写从哪天起离岗。"))
            actions.let_leave(the_person(), person, day)
        except Invalid as refusal:
            faults = refusal.fields
        except Conflict as refusal:
            faults = {"on": refusal.message}
        else:
            flash(gettext("已办理%(name)s离岗。写过的教案都还在。", name=person.name))
            return _to_card(person)
    return _form_page("manage/leave.html", faults, _values({"on": standing.day.isoformat()}), person=person)


@pages.route("/manage/people/<int:person_id>/return", methods=["GET", "POST"])
@allow.signed_in
def bring_back(person_id: int) -> ResponseReturnValue:
    """Somebody who has left works again."""
    standing, person, authority = _asked(person_id)
    access.must_look_after(authority, person)
    left_on = _left_on(person)
    if left_on is None:
        raise NotFound
    campuses = _named(queries.campuses_administered(authority))
    faults: Faults = {}
    if request.method == "POST":
        try:
            form = PostingForm.read(request.form, standing.day)
            _must_choose_campus(form)
            actions.bring_back(the_person(), person, form)
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("%(name)s已恢复在岗。角色和任课请重新安排。", name=person.name))
            return _to_card(person)
    home = min(campuses_belonged_to(person) & authority.campus_ids, default="")
    begins = max(standing.day, left_on).isoformat()
    values = _values({"campus": str(home), "kind": PostingKind.HOME.value, "share": "100", "from_day": begins})
    return _form_page("manage/bring_back.html", faults, values, person=person, campuses=campuses)


@pages.route("/manage/people/<int:person_id>/hand-over", methods=["GET", "POST"])
@allow.signed_in
def hand_over(person_id: int) -> ResponseReturnValue:
    """离岗交接单: what somebody leaves behind, and who takes it on."""
    standing, person, authority = _asked(person_id)
    if not access.may_see_hand_over(standing, authority, person):
        raise NotFound
    faults: Faults = {}
    if request.method == "POST":
        try:
            form = HandOverForm.read(request.form, standing.day)
            successor = colleague_named(form.successor, campuses_of_my_groups(standing), "successor")
            count = actions.hand_over(the_person(), person, successor, form)
        except Invalid as refusal:
            faults = refusal.fields
        else:
            flash(gettext("%(count)d 项工作已交给%(name)s。", count=count, name=successor.name))
            return redirect(url_for(".hand_over", person_id=person.id), 303)
    home = min(campuses_belonged_to(person), default=None)
    return _form_page(
        "manage/hand_over.html",
        faults,
        _values({"on": standing.day.isoformat()}),
        person=person,
        listed=queries.hand_over_of(standing, authority, person),
        left_on=_left_on(person),
        colleagues=colleagues(home) if home else (),
        day=standing.day,
    )


def _asked(person_id: int) -> tuple[Standing, Person, Authority]:
    """Who asks, about whom, and what they administer."""
    standing = managing(the_person())
    return standing, access.person_of(standing, person_id), authority_of(standing)


def _administering(standing: Standing) -> Authority:
    authority = authority_of(standing)
    _must_have_campuses(authority)
    return authority


def _must_have_campuses(authority: Authority) -> None:
    if not authority.campus_ids and not authority.group_ids:
        raise NotFound


def _must_choose_campus(form: PostingForm) -> None:
    if form.campus_id is None:
        raise Invalid(campus=gettext("请选择校区。"))


def _left_on(person: Person) -> Any:
    """The day from which somebody has left, None for those who have not."""
    return person.left_at.astimezone(SCHOOL_ZONE).date() if person.left_at else None


def _sentence(form: RoleForm) -> str:
    scope = {name: value for name, value in asdict(form).items() if name not in ("role", "from_day", "to_day")}
    return sentence_of(form.role, queries.reach_of(**scope))


Options = Sequence[tuple[str, str]]


def _named(records: Iterable[Group | Campus | PrepGroup | Division]) -> Options:
    return [(str(record.id), record.name) for record in records]


def _options(places: queries.Places, kinds: Collection[PlaceKind]) -> Mapping[str, Options]:
    """What can be chosen in the form of a role that is given for places of `kinds`."""
    named = {
        PlaceKind.GROUP: _named(places.groups),
        PlaceKind.CAMPUS: _named(places.campuses),
        PlaceKind.PREP_GROUP: _named(places.prep_groups),
    }
    return {
        "place_options": [(f"{kind.value}-{number}", name) for kind in kinds for number, name in named[kind]],
        "subject_options": [(str(subject.id), subject_name(subject)) for subject in subjects()],
        "division_options": _named(places.divisions),
    }


def _values(initial: Mapping[str, str]) -> Mapping[str, str]:
    """What stands in the fields: what was sent, else the beginning."""
    return request.form if request.method == "POST" else initial


def _form_page(template: str, faults: Faults, values: Mapping[str, str], **more: Any) -> ResponseReturnValue:
    return render_template(template, faults=faults, values=values, **more), 422 if faults else 200


def _to_card(person: Person) -> ResponseReturnValue:
    return redirect(url_for(".show_person", person_id=person.id), 303)
