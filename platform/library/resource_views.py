"""Pages of resources: lists, one resource, its files. Thin: rights and work are elsewhere."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from curriculum.queries import path_of, tree_choices
from foundation import allow
from foundation.config import Settings
from foundation.errors import NotFound, SignedOut
from library import access, actions, queries, reasons, terms, uses
from library.blueprint import pages
from library.forms import ResourceFilter, Scope
from library.previewing.showing import kept_as, shown_as
from library.storage import the_store
from schools.access import standing_of
from schools.signing_in import current_person, the_person


@pages.app_context_processor
def _terms() -> dict[str, object]:
    return {
        "kinds_of_resources": terms.KINDS,
        "licences": terms.LICENCES,
        "previews": terms.PREVIEWS,
        "length_said": terms.length_said,
        "picture_of": terms.picture_of,
        "term_name": terms.term_name,
    }


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
    wanted = queries.within_tree(wanted, tree)
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
    store = the_store()
    pictures = queries.first_pictures(newest) if newest else []
    actions.note_opened(person, resource)
    return render_template(
        "library/show_resource.html",
        resource=resource,
        newest=newest,
        versions=versions,
        pictures=[
            (page.number, store.link(page.image_key, shown_as(f"{page.number}.webp", "image/webp")))
            for page in pictures
        ],
        book_path=path_of(resource.topic_id),
        rights=reasons.rights_sentence(resource),
        review=queries.last_review(resource) if person else None,
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
