"""Pages of the textbook tree: 版本, 册, and in each volume its 单元 and 课."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from curriculum import access, actions, queries
from curriculum.forms import EditionForm, TreeForm, VolumeForm
from curriculum.models import TextbookEdition, TextbookVolume
from curriculum.outline import MOST_PERIODS, TITLE_LENGTH, read_outline
from foundation import allow
from foundation.config import Settings
from foundation.errors import Conflict, Invalid, NotFound
from schools.access import Standing
from schools.models import Stage
from schools.names import GRADES_OF_STAGE, STAGE_NAMES, grade_name, subject_name
from schools.queries import subjects
from schools.signing_in import the_person

pages = Blueprint("curriculum", __name__, template_folder="templates", url_prefix="/textbooks")

Errors = Mapping[str, str]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _changing() -> Standing:
    standing = access.looking(the_person())
    if not access.may_change(standing):
        raise NotFound
    return standing


@pages.get("")
@allow.signed_in
def list_editions() -> ResponseReturnValue:
    """The editions with their volumes."""
    standing = access.looking(the_person())
    subject_id = request.args.get("subject", type=int)
    return render_template(
        "curriculum/list_editions.html",
        found=queries.edition_page(subject_id, max(1, request.args.get("page", 1, type=int)), _settings().page_size),
        subject_id=subject_id,
        subjects=subjects(),
        stage_names=STAGE_NAMES,
        may_edit=access.may_change(standing),
    )


@pages.route("/new", methods=["GET", "POST"])
@allow.signed_in
def new_edition() -> ResponseReturnValue:
    """An edition is made."""
    _changing()
    if request.method == "GET":
        return _edition_form()
    try:
        edition = actions.add_edition(the_person(), EditionForm.read(request.form))
    except Invalid as refusal:
        return _edition_form(errors=refusal.fields), 422
    return redirect(url_for(".show_edition", edition_id=edition.id), 303)


@pages.get("/<int:edition_id>")
@allow.signed_in
def show_edition(edition_id: int) -> ResponseReturnValue:
    """The volumes of an edition, in their order."""
    standing = access.looking(the_person())
    return _edition_page(standing, access.edition_of(edition_id))


@pages.route("/<int:edition_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_edition(edition_id: int) -> ResponseReturnValue:
    """The name, subject and stage of an edition."""
    _changing()
    edition = access.edition_of(edition_id)
    if request.method == "GET":
        return _edition_form(edition)
    try:
        actions.change_edition(the_person(), edition, EditionForm.read(request.form))
    except Invalid as refusal:
        return _edition_form(edition, refusal.fields), 422
    return redirect(url_for(".show_edition", edition_id=edition.id), 303)


@pages.post("/<int:edition_id>/delete")
@allow.signed_in
def delete_edition(edition_id: int) -> ResponseReturnValue:
    """An edition that nothing hangs on is taken away."""
    edition = access.edition_of(edition_id)
    actions.delete_edition(the_person(), edition)
    flash(gettext("已删除%(name)s。", name=edition.name))
    return redirect(url_for(".list_editions"), 303)


@pages.post("/<int:edition_id>/volumes")
@allow.signed_in
def add_volume(edition_id: int) -> ResponseReturnValue:
    """A volume is added to an edition."""
    standing = access.looking(the_person())
    edition = access.edition_of(edition_id)
    try:
        volume = actions.add_volume(the_person(), edition, VolumeForm.read(request.form, edition.stage))
    except Invalid as refusal:
        return _edition_page(standing, edition, refusal.fields), 422
    return redirect(url_for(".edit_volume", volume_id=volume.id), 303)


@pages.post("/volumes/<int:volume_id>/move")
@allow.signed_in
def move_volume(volume_id: int) -> ResponseReturnValue:
    """A volume goes one place up or down."""
    volume = access.volume_of(volume_id)
    actions.move_volume(the_person(), volume, -1 if "up" in request.form else 1)
    return redirect(url_for(".show_edition", edition_id=volume.edition_id, _anchor=f"volume-{volume.id}"), 303)


@pages.post("/volumes/<int:volume_id>/delete")
@allow.signed_in
def delete_volume(volume_id: int) -> ResponseReturnValue:
    """A volume that nothing hangs on is taken away."""
    volume = access.volume_of(volume_id)
    edition_id, name = volume.edition_id, volume.name
    actions.delete_volume(the_person(), volume)
    flash(gettext("已删除%(name)s。", name=name))
    return redirect(url_for(".show_edition", edition_id=edition_id), 303)


@pages.get("/volumes/<int:volume_id>")
@allow.signed_in
def show_volume(volume_id: int) -> ResponseReturnValue:
    """The units and lessons of a volume."""
    standing = access.looking(the_person())
    volume = access.volume_of(volume_id)
    return render_template(
        "curriculum/show_volume.html",
        volume=volume,
        units=queries.units_of(volume),
        may_edit=access.may_change(standing),
    )


@pages.route("/volumes/<int:volume_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_volume(volume_id: int) -> ResponseReturnValue:
    """Units and lessons of a volume are renamed, moved, added and taken away."""
    _changing()
    volume = access.volume_of(volume_id)
    if request.method == "GET":
        return _tree_page(volume)
    try:
        form = TreeForm.read(request.form)
        done = actions.change_tree(the_person(), volume, form)
    except (Invalid, Conflict) as refusal:
        fields = refusal.fields if isinstance(refusal, Invalid) else {}
        return _tree_page(volume, fields, refusal.message), 422 if fields else 409
    if form.step is None:
        flash(gettext("教材目录已保存。"))
        return redirect(url_for(".show_volume", volume_id=volume.id), 303)
    return redirect(
        url_for(".edit_volume", volume_id=volume.id, _anchor=f"{form.step.kind}-{done}" if done else None), 303
    )


@pages.route("/volumes/<int:volume_id>/name", methods=["GET", "POST"])
@allow.signed_in
def name_volume(volume_id: int) -> ResponseReturnValue:
    """The grade, semester and name of a volume."""
    _changing()
    volume = access.volume_of(volume_id)
    errors: Errors = {}
    if request.method == "POST":
        try:
            actions.change_volume(the_person(), volume, VolumeForm.read(request.form, volume.edition.stage))
            return redirect(url_for(".show_volume", volume_id=volume.id), 303)
        except Invalid as refusal:
            errors = refusal.fields
    page = render_template(
        "curriculum/name_volume.html",
        volume=volume,
        grades=_grades(volume.edition),
        sent=request.form if errors else None,
        errors=errors,
    )
    return page, 422 if errors else 200


@pages.route("/volumes/<int:volume_id>/outline", methods=["GET", "POST"])
@allow.signed_in
def paste_outline(volume_id: int) -> ResponseReturnValue:
    """Units and lessons come in as pasted text: looked at first, then added."""
    _changing()
    volume = access.volume_of(volume_id)
    text = request.form.get("outline", "")
    if request.method == "GET" or "back" in request.form:
        return render_template("curriculum/paste_outline.html", volume=volume, text=text, errors={})
    try:
        outline = read_outline(text)
    except Invalid as refusal:
        return render_template("curriculum/paste_outline.html", volume=volume, text=text, errors=refusal.fields), 422
    if "go" not in request.form:
        found = queries.compared(volume, outline)
        return render_template("curriculum/preview_outline.html", volume=volume, text=text, found=found)
    added = actions.import_outline(the_person(), volume, outline)
    flash(ngettext("已加入 %(num)d 课。", "已加入 %(num)d 课。", added))
    return redirect(url_for(".show_volume", volume_id=volume.id), 303)


def _grades(edition: TextbookEdition) -> list[tuple[int, str]]:
    return [(grade, grade_name(edition.stage, grade)) for grade in GRADES_OF_STAGE[edition.stage]]


def _edition_page(standing: Standing, edition: TextbookEdition, errors: Errors | None = None) -> str:
    return render_template(
        "curriculum/show_edition.html",
        edition=edition,
        stage_name=STAGE_NAMES[edition.stage],
        lessons=queries.lessons_in([volume.id for volume in edition.volumes]),
        grades=_grades(edition),
        may_edit=access.may_change(standing),
        sent=request.form,
        errors=errors or {},
    )


def _edition_form(edition: TextbookEdition | None = None, errors: Errors | None = None) -> str:
    return render_template(
        "curriculum/edit_edition.html",
        edition=edition,
        subjects=[(subject.id, subject_name(subject)) for subject in subjects()],
        stages=[(stage.value, STAGE_NAMES[stage]) for stage in Stage],
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )


def _tree_page(volume: TextbookVolume, errors: Errors | None = None, sentence: str = "") -> str:
    return render_template(
        "curriculum/edit_volume.html",
        volume=volume,
        units=queries.units_of(volume),
        title_length=TITLE_LENGTH,
        most_periods=MOST_PERIODS,
        sent=request.form,
        errors=errors or {},
        sentence=sentence,
    )
