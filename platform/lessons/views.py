"""Pages of lesson plans: lists, reading, printing, making, sharing. Thin: rights and work are elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from curriculum.queries import path_of, tree_choices
from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid, NotAllowed, NotFound, SignedOut
from lessons import access, actions, file_views, files, held, layout, originals, queries, reading, terms
from lessons.blueprint import pages
from lessons.forms import (
    HINT_LENGTH,
    PlanFilter,
    Scope,
    ShareForm,
    TemplateForm,
    WhereForm,
    group_sent,
    state_sent,
    title_sent,
)
from lessons.models import Plan
from lessons.text.markdown import plan_to_markdown
from lessons.text.schema import SCHEMA_NUMBER
from schools import queries as school_queries
from schools.access import Standing, standing_of
from schools.models import Group
from schools.names import VISIBILITY_NAMES
from schools.signing_in import current_person, the_person

__all__ = ["pages"]

# As the faces of people in static/css/tokens.scss; the names beside carets stand in white on them.
_COLORS: Final = ("#8a5a44", "#6a4a8c", "#3d6b36", "#2f5d9b", "#99405a", "#4d6472", "#80570f", "#0f6a70")


@pages.app_context_processor
def _terms() -> dict[str, object]:
    return {"states": terms.STATES, "visibilities": VISIBILITY_NAMES, "numeral": terms.numeral}


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("")
@allow.anyone
def list_plans() -> ResponseReturnValue:
    """Plans by scope and filter. Who is not signed in sees what is public."""
    person = current_person()
    wanted = PlanFilter.read(request.args, Scope.MINE if person else Scope.PUBLIC)
    if person is None and wanted.scope is not Scope.PUBLIC:
        raise SignedOut
    tree = tree_choices(wanted.subject, wanted.volume)
    wanted = wanted.within(tree)
    standing = standing_of(person)
    found = queries.plans_of(standing, wanted, _settings().page_size)
    return render_template(
        "lessons/list_plans.html",
        wanted=wanted,
        found=found,
        lines=terms.lines(found.plans),
        tree=tree,
        may_edit_template=bool(queries.template_group_ids(standing)),
    )


@pages.route("/new", methods=["GET", "POST"])
@allow.signed_in
def new_plan() -> ResponseReturnValue:
    """Choose what the plan is about and who shall see it; good guesses are already chosen."""
    standing = standing_of(the_person())
    wanted = WhereForm.read(request.values)
    if request.method == "GET":
        return _where_page("lessons/new_plan.html", standing, wanted)
    try:
        plan = actions.create_plan(the_person(), title=title_sent(request.form), **_where(wanted))
    except Invalid as refusal:
        return _where_page("lessons/new_plan.html", standing, wanted, refusal), 422
    return redirect(url_for(".write_plan", code=plan.code), 303)


def _where(wanted: WhereForm) -> actions.Where:
    if wanted.place is None:
        raise Invalid(place=gettext("请选择校区。"))
    if wanted.subject is None:
        raise Invalid(subject=gettext("请选择学科。"))
    where = actions.Where(
        group_id=wanted.place[0],
        campus_id=wanted.place[1],
        subject_id=wanted.subject,
        prep_group_id=wanted.prep_group,
        topic_id=wanted.topic,
    )
    if wanted.visibility is not None:
        where["visibility"] = wanted.visibility
    return where


def _where_page(template: str, standing: Standing, wanted: WhereForm, refusal: Invalid | None = None) -> str:
    return render_template(
        template,
        options=queries.where_options(standing, wanted, any_subject=request.endpoint == "lessons.import_plan"),
        visible_to=terms.VISIBLE_TO,
        works_somewhere=bool(standing.campus_ids),
        title=request.values.get("title", ""),
        megabytes=_settings().upload_megabytes,
        errors=refusal.fields if refusal else {},
    )


@dataclass(frozen=True)
class Imported:
    """What became of one file: a plan with its notes, or the sentence that says why not."""

    name: str
    plan: Plan | None = None
    notes: Sequence[str] = ()
    refused: str = ""


@pages.route("/import", methods=["GET", "POST"])
@allow.signed_in
def import_plan() -> ResponseReturnValue:
    """Make plans from Word or Markdown files. One that cannot be read does not stop the others."""
    standing = standing_of(the_person())
    wanted = WhereForm.read(request.values)
    if request.method == "GET":
        return _where_page("lessons/import_plan.html", standing, wanted)
    try:
        where = _where(wanted)
        files = [file for file in request.files.getlist("file") if file.filename]
        if not files:
            raise Invalid(file=gettext("请选择要导入的文件。"))
        results = [_import(file.filename or "", file.read(), where) for file in files]
    except Invalid as refusal:
        return _where_page("lessons/import_plan.html", standing, wanted, refusal), 422
    only = results[0].plan if len(results) == 1 else None
    if only:
        return redirect(url_for(".show_plan", code=only.code, imported=1), 303)
    page = render_template("lessons/imported.html", results=results)
    return page, 200 if any(result.plan for result in results) else 422


def _import(name: str, data: bytes, where: actions.Where) -> Imported:
    try:
        plan = actions.import_plan(the_person(), name, data, **where)
    except Invalid as refusal:
        if "file" not in refusal.fields:  # the place was refused, and so is every other file
            raise
        return Imported(name, refused=refusal.message)
    original = queries.original_of(plan)
    return Imported(name, plan, original.notes if original else ())


@pages.get("/<code>")
@allow.anyone
def show_plan(code: str) -> ResponseReturnValue:
    """The reading view."""
    standing = standing_of(current_person())
    plan = access.plan_for_reading(standing, code)
    standing_in = files.files_of(plan)
    text = reading.reading_of(plan, file_views.addresses(plan, standing_in))
    return render_template(
        "lessons/show_plan.html",
        plan=plan,
        text=text,
        places=reading.layout_of(plan, text),
        campus_names=_campus_names(plan),
        topic_path=path_of(plan.topic_id),
        original=queries.original_of(plan) if standing.person_id else None,
        rights=access.rights_sentence(plan),
        licence=queries.licence_of(plan),
        may_edit=access.may_edit_plan(standing, plan),
        may_share=access.may_share_plan(standing, plan),
        next_states=actions.NEXT_STATES[plan.state],
        recycle_days=_settings().recycle_days,
        days_left=queries.days_left(plan, _settings().recycle_days),
        files_at=files.at_steps(standing_in),
        as_table=request.args.get("steps") == "table",
        just_imported="imported" in request.args,
        held=held.minutes_of(plan),
    )


def _campus_names(plan: Plan) -> dict[str, str]:
    return {campus.code: campus.short_name for campus in school_queries.campuses_of_group(plan.group_id)}


@pages.get("/<code>/write")
@allow.signed_in
def write_plan(code: str) -> ResponseReturnValue:
    """The writing page; who may only read is led to the reading view."""
    person = the_person()
    standing = standing_of(person)
    plan = access.plan_for_reading(standing, code)
    if standing.looked_through:
        raise NotAllowed(gettext("您正在以%(name)s的身份查看，不能打开编写页。请先返回自己的身份。", name=person.name))
    if not access.may_edit_plan(standing, plan):
        return redirect(url_for(".show_plan", code=code))
    return render_template("lessons/write_plan.html", plan=plan, config=_plan_config(plan, standing))


def _plan_config(plan: Plan, standing: Standing) -> dict[str, Any]:
    """What the writing page needs to begin, see docs/architecture.md."""
    person = the_person()
    own_campus = next(iter(school_queries.campuses_of(standing)), plan.campus)
    return {
        "plan": plan.code,
        "schema": SCHEMA_NUMBER,
        "role": "editor",
        "language": str(get_locale()),
        "person": {
            "id": person.id,
            "name": person.name,
            "campus": own_campus.short_name,
            "color": _COLORS[person.id % len(_COLORS)],
        },
        "colors": _COLORS,
        "layout": [
            {"key": place.key, "name": place.name, "hint": place.hint, "required": place.required, "kind": place.kind}
            for place in reading.layout_of(plan, reading.content_of(plan))
        ],
        "campuses": [{"code": code, "name": name} for code, name in _campus_names(plan).items()],
        "urls": {
            "read": url_for(".show_plan", code=plan.code),
            "print": url_for(".print_plan", code=plan.code),
            "markdown": url_for(".plan_markdown", code=plan.code),
            "list": url_for(".list_plans"),
            "files": url_for(".list_files", code=plan.code),
        },
        "rights": access.rights_sentence(plan),
        "place": " · ".join(path_of(plan.topic_id)),
        "files": file_views.told_of(plan),
    }


@pages.get("/<code>/print")
@allow.anyone
def print_plan(code: str) -> ResponseReturnValue:
    """The plan as the school's A4 form, with two or four columns of steps."""
    plan = access.plan_for_reading(current_person(), code)
    standing_in = files.files_of(plan)
    text = reading.reading_of(plan, file_views.addresses(plan, standing_in))
    return render_template(
        "lessons/print_plan.html",
        plan=plan,
        text=text,
        places=reading.layout_of(plan, text),
        campus_names=_campus_names(plan),
        topic_path=path_of(plan.topic_id),
        files_at=files.at_steps(standing_in),
        columns=2 if request.args.get("columns") == "2" else 4,
    )


@pages.get("/<code>/markdown")
@allow.anyone
def plan_markdown(code: str) -> ResponseReturnValue:
    """The plan as a Markdown file."""
    person = current_person()
    plan = access.plan_for_reading(person, code)
    content = reading.content_of(plan)
    actions.note_download(person, plan)
    file = BytesIO(plan_to_markdown(content, _campus_names(plan)).encode())
    name = f"{_file_name(content.title) or plan.code}.md"
    return send_file(file, "text/markdown; charset=utf-8", as_attachment=True, download_name=name)


def _file_name(title: str) -> str:
    """A title as the name of a file on any system."""
    return "".join("_" if letter in '\\/:*?"<>|' or not letter.isprintable() else letter for letter in title).strip(
        " ."
    )


@pages.get("/<code>/original")
@allow.signed_in
def plan_original(code: str) -> ResponseReturnValue:
    """The file that the plan was imported from, as it came."""
    plan = access.plan_for_reading(the_person(), code)
    original = queries.original_of(plan)
    if original is None:
        raise NotFound
    actions.note_download(the_person(), plan)
    path = originals.path_of(original.stored_name)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=original.name)


@pages.route("/<code>/share", methods=["GET", "POST"])
@allow.signed_in
def share_plan(code: str) -> ResponseReturnValue:
    """Choose who sees the plan and who writes in it."""
    person = the_person()
    standing = standing_of(person)
    plan = access.plan_for_sharing(standing, code)
    if request.method == "GET":
        return _share_page(standing, plan)
    try:
        form = ShareForm.read(request.form)
        if form.finding:
            return _share_page(standing, plan, form)
        actions.share_plan(
            person, plan, visibility=form.visibility, prep_group_id=form.prep_group, writer_ids=form.writers
        )
    except Invalid as refusal:
        return _share_page(standing, plan, refusal=refusal), 422
    flash(access.rights_sentence(plan))
    return redirect(url_for(".show_plan", code=code), 303)


def _share_page(standing: Standing, plan: Plan, form: ShareForm | None = None, refusal: Invalid | None = None) -> str:
    writers = queries.people(form.writers) if form else queries.writers_of(plan)
    known = {writer.id for writer in writers} | {plan.owner_id}
    found = queries.colleagues_named(plan.group_id, form.finding) if form else []
    return render_template(
        "lessons/share_plan.html",
        plan=plan,
        rights=access.rights_sentence(plan),
        chosen=form or ShareForm(plan.visibility, plan.prep_group_id, frozenset()),
        prep_groups=queries.prep_groups_for(standing, plan),
        writers=writers,
        found=[(person, campus) for person, campus in found if person.id not in known],
        visible_to=terms.VISIBLE_TO,
        errors=refusal.fields if refusal else {},
    )


@pages.post("/<code>/state")
@allow.signed_in
def change_state(code: str) -> ResponseReturnValue:
    """Take the plan to another state."""
    person = the_person()
    plan = access.plan_for_sharing(person, code)
    actions.change_state(person, plan, state_sent(request.form))
    flash(gettext("这份教案现在是“%(state)s”。", state=terms.STATES[plan.state]))
    return redirect(url_for(".show_plan", code=code), 303)


@pages.post("/<code>/delete")
@allow.signed_in
def delete_plan(code: str) -> ResponseReturnValue:
    """Put the plan into its owner's recycle bin."""
    person = the_person()
    plan = access.plan_for_deleting(person, code)
    actions.delete_plan(person, plan)
    if plan.owner_id == person.id:
        flash(
            gettext(
                "《%(title)s》已放进回收站，%(days)d 天内可以恢复。", title=_title(plan), days=_settings().recycle_days
            )
        )
        return redirect(url_for(".bin"), 303)
    flash(gettext("《%(title)s》已放进%(name)s老师的回收站。", title=_title(plan), name=plan.owner.name))
    return redirect(url_for(".list_plans", scope=Scope.PREP), 303)


@pages.post("/<code>/restore")
@allow.signed_in
def restore_plan(code: str) -> ResponseReturnValue:
    """Take the plan out of the recycle bin."""
    person = the_person()
    plan = access.plan_for_restoring(person, code)
    actions.restore_plan(person, plan)
    flash(gettext("《%(title)s》已恢复。", title=_title(plan)))
    return redirect(url_for(".show_plan", code=code), 303)


def _title(plan: Plan) -> str:
    return plan.title or gettext("未命名的教案")


@pages.get("/bin")
@allow.signed_in
def bin() -> ResponseReturnValue:
    """What the person has in the recycle bin."""
    days = _settings().recycle_days
    plans = queries.plans_in_bin(standing_of(the_person()))
    return render_template(
        "lessons/bin.html", plans=[(plan, queries.days_left(plan, days)) for plan in plans], recycle_days=days
    )


@pages.route("/template", methods=["GET", "POST"])
@allow.signed_in
def edit_template() -> ResponseReturnValue:
    """The template of a group: sections, their order, hints, and which are required."""
    person = the_person()
    groups = queries.groups_with_template_of(standing_of(person))
    wanted = group_sent(request.values)
    group = next((group for group in groups if wanted in (None, group.id)), None)
    if group is None:
        raise NotFound
    if request.method == "GET":
        return _template_page(groups, group, queries.layout_of_group(group.id))
    try:
        form = TemplateForm.read(request.form)
    except Invalid as refusal:
        return _template_page(groups, group, queries.layout_of_group(group.id), refusal), 422
    actions.change_template(person, group.id, form.places)
    if not form.moved:
        flash(gettext("模板已保存，老师们下次打开教案时生效。"))
    return redirect(url_for(".edit_template", group=group.id, _anchor=form.moved or None), 303)


def _template_page(
    groups: Sequence[Group], group: Group, places: Sequence[layout.Place], refusal: Invalid | None = None
) -> str:
    return render_template(
        "lessons/edit_template.html",
        groups=groups,
        group=group,
        places=places,
        left_out=layout.left_out(places),
        hint_length=HINT_LENGTH,
        errors=refusal.fields if refusal else {},
    )
