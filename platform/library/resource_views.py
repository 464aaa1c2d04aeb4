"""Pages of resources: lists, one resource, its files. Thin: rights and work are elsewhere."""

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from curriculum.queries import path_of, tree_choices
from foundation import allow
from foundation.clock import today
from foundation.config import Settings
from foundation.errors import Invalid, NotFound, SignedOut
from library import access, actions, queries, reasons, terms, uses
from library.blueprint import pages
from library.collecting import queries as collecting
from library.forms import BookPlace, ManyForm, ResourceFilter, ResourceForm, Scope, codes_sent
from library.models import Resource
from library.previewing.showing import kept_as
from library.storage import the_store
from schools.access import Standing, standing_of
from schools.names import grade_name
from schools.queries import licence_note_of
from schools.sharing_words import has_left
from schools.signing_in import current_person, the_person


@pages.app_context_processor
def _terms() -> dict[str, object]:
    return {
        "kinds_of_resources": terms.KINDS,
        "licences": terms.LICENCES,
        "licence_meanings": terms.LICENCE_MEANINGS,
        "languages_of_resources": terms.LANGUAGES,
        "resource_terms": _terms_to_choose,
        "grade_said": grade_name,
        "previews": terms.PREVIEWS,
        "length_said": terms.length_said,
        "picture_of": terms.picture_of,
        "resource_term": terms.term_name,
    }


def _terms_to_choose(present: str) -> list[tuple[str, str]]:
    """The terms to choose from, with the present choice among them."""
    recent = terms.recent_terms(today())
    return [(term, terms.term_name(term)) for term in ([present] if present and present not in recent else []) + recent]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("/resources")
@allow.anyone
def list_resources() -> ResponseReturnValue:
    """Resources by scope and filter. Who is not signed in sees what is public."""
    person = current_person()
    wanted = ResourceFilter.read(request.args, Scope.MINE if person else Scope.PUBLIC)
    if person is None and wanted.scope is not Scope.PUBLIC:
        raise SignedOut
    tree = tree_choices(wanted.subject, wanted.volume)
    wanted = wanted.within(tree)
    standing = standing_of(person)
    return render_template(
        "library/list_resources.html",
        wanted=wanted,
        found=queries.resources_of(standing, wanted, _settings().page_size),
        tree=tree,
        campuses=queries.campuses_to_choose(standing) if person else [],
        waiting=queries.waiting_reviews(standing) if person else 0,
    )


@pages.get("/resources/<code>")
@allow.anyone
def show_resource(code: str) -> ResponseReturnValue:
    """One resource: what it is, its preview, its versions, who may see it."""
    person = current_person()
    standing = standing_of(person)
    resource = access.resource_for_reading(standing, code)
    versions = queries.versions_of(resource)
    newest = versions[0][0] if versions else None
    actions.note_opened(person, resource)
    return render_template(
        "library/show_resource.html",
        resource=resource,
        newest=newest,
        versions=versions,
        pictures=queries.first_pictures(newest) if newest else [],
        book_path=path_of(resource.topic_id),
        rights=reasons.rights_sentence(resource),
        licence_note=licence_note_of(resource.group_id, resource.campus_id) if has_left(resource) else None,
        review=queries.last_review(resource) if person else None,
        reviewers=queries.reviewers_of(resource, resource.wanted) if person and resource.wanted else [],
        used_in=uses.uses_of(standing, resource),
        made_from=queries.made_from(standing, resource),
        made_of=queries.made_of(standing, resource),
        favourite=queries.is_favourite(standing, resource),
        may_edit=access.may_edit_resource(standing, resource),
        may_share=access.may_share_resource(standing, resource),
        may_review=resource.wanted is not None and access.may_review(standing, resource, resource.wanted),
        recycle_days=_settings().recycle_days,
        days_left=queries.days_left(resource, _settings().recycle_days),
    )


@pages.get("/resources/<code>/versions/<int:number>/download")
@allow.anyone
def download(code: str, number: int) -> ResponseReturnValue:
    """A version's file under its own name: on to the file store."""
    person = current_person()
    resource = access.resource_for_reading(person, code)
    version = queries.version_of(resource, number)
    if version is None:
        raise NotFound
    actions.note_download(person, resource)
    return redirect(the_store().link(version.key, kept_as(version.name)))


@pages.post("/resources/<code>/favourite")
@allow.signed_in
def keep_favourite(code: str) -> ResponseReturnValue:
    """Keep the resource among one's favourites, or no more."""
    person = the_person()
    resource = access.resource_for_reading(person, code)
    actions.set_favourite(person, resource, wanted="wanted" in request.form)
    return redirect(url_for(".show_resource", code=code), 303)


@pages.route("/resources/<code>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_resource(code: str) -> ResponseReturnValue:
    """Say anew what a resource is. A form that was sent without being saved chooses another book."""
    person = the_person()
    standing = standing_of(person)
    resource = access.resource_for_editing(standing, code)
    if request.method == "GET":
        tree = tree_choices(resource.subject_id, resource.topic.unit.volume_id if resource.topic else None)
        place = BookPlace(resource.subject_id, queries.volume_of(resource, tree), resource.topic_id)
        return _edit_page(resource, ResourceForm.of(resource, place))
    form = ResourceForm.read(request.form)
    if "save" not in request.form:
        return _edit_page(resource, form)
    try:
        form.check()
        origin = _origin(standing, form.made_from)
        actions.change_resource(person, resource, form.changes(), _place(form.place), origin)
    except Invalid as refusal:
        return _edit_page(resource, form, refusal), 422
    flash(gettext("已保存。"))
    return redirect(url_for(".show_resource", code=code), 303)


def _edit_page(resource: Resource, form: ResourceForm, refusal: Invalid | None = None) -> str:
    tree = tree_choices(form.place.subject, form.place.volume)
    return render_template(
        "library/edit_resource.html",
        resource=resource,
        form=form,
        place=form.place.within(tree),
        tree=tree,
        errors=refusal.fields if refusal else {},
    )


def _place(chosen: BookPlace) -> BookPlace:
    return chosen.within(tree_choices(chosen.subject, chosen.volume))


def _origin(standing: Standing, code: str) -> Resource | None:
    if not code:
        return None
    try:
        return access.resource_for_reading(standing, code)
    except NotFound:
        raise Invalid(made_from=gettext("没有找到这份资源。请粘贴它的网址，例如 /resources/abcdefghjk。")) from None


@pages.route("/resources/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_resources() -> ResponseReturnValue:
    """Say the same of many resources at once; of those that were chosen and may be changed."""
    person = the_person()
    editable = access.editable_resources(standing_of(person))
    codes = codes_sent(request.values)
    resources = queries.resources_with(editable, codes)
    form = ManyForm.read(request.values)
    if "save" not in request.form or not resources:
        return _edit_many_page(codes, resources, form)
    try:
        form.check()
        actions.change_resources(person, resources, form.changes(), _place(form.place), form.tags)
    except Invalid as refusal:
        return _edit_many_page(codes, resources, form, refusal), 422
    flash(ngettext("%(num)d 份资源已修改。", "%(num)d 份资源已修改。", len(resources)))
    return redirect(url_for(".list_resources"), 303)


def _edit_many_page(
    codes: Sequence[str], resources: Sequence[Resource], form: ManyForm, refusal: Invalid | None = None
) -> str:
    tree = tree_choices(form.place.subject, form.place.volume)
    return render_template(
        "library/edit_resources.html",
        resources=resources,
        left_out=len(codes) - len(resources),
        form=form,
        place=form.place.within(tree),
        tree=tree,
        errors=refusal.fields if refusal else {},
    )


@pages.post("/resources/<code>/delete")
@allow.signed_in
def delete_resource(code: str) -> ResponseReturnValue:
    """Put the resource into its owner's recycle bin."""
    person = the_person()
    resource = access.resource_for_sharing(person, code)
    actions.delete_resource(person, resource)
    if resource.owner_id == person.id:
        days = _settings().recycle_days
        flash(gettext("《%(title)s》已放进回收站，%(days)d 天内可以恢复。", title=resource.title, days=days))
        return redirect(url_for(".bin"), 303)
    flash(gettext("《%(title)s》已放进%(name)s老师的回收站。", title=resource.title, name=resource.owner.name))
    return redirect(url_for(".list_resources", scope=Scope.PREP), 303)


@pages.post("/resources/<code>/restore")
@allow.signed_in
def restore_resource(code: str) -> ResponseReturnValue:
    """Take the resource out of the recycle bin."""
    person = the_person()
    resource = access.resource_for_restoring(person, code)
    actions.restore_resource(person, resource)
    flash(gettext("《%(title)s》已恢复。", title=resource.title))
    return redirect(url_for(".show_resource", code=code), 303)


@pages.get("/resources/bin")
@allow.signed_in
def bin() -> ResponseReturnValue:
    """What the person has in the recycle bin."""
    days = _settings().recycle_days
    standing = standing_of(the_person())
    return render_template(
        "library/bin.html",
        rows=[(row, queries.days_left(row.resource, days)) for row in queries.resources_in_bin(standing)],
        collections=[(each, queries.days_left(each, days)) for each in collecting.collections_in_bin(standing)],
        recycle_days=days,
    )
