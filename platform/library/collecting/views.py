"""Pages of collections. Thin: rights and work are elsewhere."""

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid
from library import access, terms
from library.blueprint import pages
from library.collecting import actions, packing, queries
from library.forms import (
    CollectionForm,
    codes_sent,
    collection_sent,
    move_sent,
    page_sent,
    title_of_collection,
)
from library.models import Collection
from library.queries import resources_with, waiting_reviews
from schools.access import Standing, standing_of
from schools.queries import prep_groups_of
from schools.signing_in import current_person, the_person


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("/resources/collections")
@allow.signed_in
def list_collections() -> ResponseReturnValue:
    """The collections that one may see, one's own first."""
    standing = standing_of(the_person())
    found = queries.collections_of(standing, page_sent(request.args), _settings().page_size)
    return render_template(
        "library/list_collections.html",
        found=found,
        counts=queries.counts_of(standing, found.collections),
        waiting=waiting_reviews(standing),
    )


@pages.route("/resources/collections/add", methods=["GET", "POST"])
@allow.signed_in
def add_to_collection() -> ResponseReturnValue:
    """Choose a collection, or begin one, for the resources that were chosen in a list or on a page."""
    person = the_person()
    standing = standing_of(person)
    resources = resources_with(access.readable_resources(standing), codes_sent(request.values))
    if request.method == "GET":
        return _add_page(standing, resources)
    chosen = collection_sent(request.form)
    try:
        if chosen:
            collection = access.collection_for_editing(person, chosen)
            count = actions.add_to_collection(person, collection, resources)
        else:
            collection = actions.make_collection(person, title_of_collection(request.form), resources)
            count = len(resources)
    except Invalid as refusal:
        return _add_page(standing, resources, refusal), 422
    flash(
        ngettext(
            "%(num)d 份资源已加入《%(title)s》。", "%(num)d 份资源已加入《%(title)s》。", count, title=collection.title
        )
    )
    return redirect(url_for(".show_collection", code=collection.code), 303)


def _add_page(standing: Standing, resources: object, refusal: Invalid | None = None) -> str:
    return render_template(
        "library/add_to_collection.html",
        resources=resources,
        collections=queries.own_collections(standing),
        chosen=request.form.get("collection"),
        title=request.form.get("title", ""),
        errors=refusal.fields if refusal else {},
    )


@pages.get("/resources/collections/<code>")
@allow.anyone
def show_collection(code: str) -> ResponseReturnValue:
    """A collection, with those of its resources that one may read, in its order."""
    standing = standing_of(current_person())
    collection = access.collection_for_reading(standing, code)
    rows = queries.resources_in(standing, collection)
    return render_template(
        "library/show_collection.html",
        collection=collection,
        rows=rows,
        left_out=queries.left_out(collection, rows),
        may_edit=access.may_edit_collection(standing, collection),
        recycle_days=_settings().recycle_days,
    )


@pages.route("/resources/collections/<code>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_collection(code: str) -> ResponseReturnValue:
    """Say anew what a collection is and who sees it."""
    person = the_person()
    standing = standing_of(person)
    collection = access.collection_for_editing(standing, code)
    if request.method == "GET":
        return _edit_page(standing, collection)
    try:
        form = CollectionForm.read(request.form)
        actions.change_collection(
            person,
            collection,
            title=form.title,
            note=form.note,
            visibility=form.shared.visibility,
            prep_group_id=form.shared.prep_group,
        )
    except Invalid as refusal:
        return _edit_page(standing, collection, refusal), 422
    flash(gettext("已保存。"))
    return redirect(url_for(".show_collection", code=code), 303)


def _edit_page(standing: Standing, collection: Collection, refusal: Invalid | None = None) -> str:
    return render_template(
        "library/edit_collection.html",
        collection=collection,
        title=request.form.get("title", collection.title),
        note=request.form.get("note", collection.note),
        chosen=request.form.get("visibility", collection.visibility),
        prep_groups=[each for each in prep_groups_of(standing) if each.group_id == collection.group_id],
        visible_to=terms.COLLECTION_VISIBLE_TO,
        errors=refusal.fields if refusal else {},
    )


@pages.post("/resources/collections/<code>/move")
@allow.signed_in
def move_in_collection(code: str) -> ResponseReturnValue:
    """Move a resource up or down in a collection, or out of it."""
    person = the_person()
    collection = access.collection_for_editing(person, code)
    move, resource = move_sent(request.form)
    actions.move_in_collection(person, collection, resource, move)
    return redirect(url_for(".show_collection", code=code, _anchor=None if move == "out" else resource), 303)


@pages.post("/resources/collections/<code>/delete")
@allow.signed_in
def delete_collection(code: str) -> ResponseReturnValue:
    """Put the collection into the recycle bin."""
    person = the_person()
    collection = access.collection_for_editing(person, code)
    actions.delete_collection(person, collection)
    flash(gettext("合集《%(title)s》已放进回收站，里面的资源都还在。", title=collection.title))
    return redirect(url_for(".list_collections"), 303)


@pages.post("/resources/collections/<code>/restore")
@allow.signed_in
def restore_collection(code: str) -> ResponseReturnValue:
    """Take the collection out of the recycle bin."""
    person = the_person()
    collection = access.collection_for_restoring(person, code)
    actions.restore_collection(person, collection)
    flash(gettext("《%(title)s》已恢复。", title=collection.title))
    return redirect(url_for(".show_collection", code=code), 303)


@pages.post("/resources/collections/<code>/pack")
@allow.signed_in
def pack_collection(code: str) -> ResponseReturnValue:
    """Have the collection packed by the worker."""
    person = the_person()
    asked = packing.ask_for_pack(person, access.collection_for_reading(person, code))
    return redirect(url_for("manage.show_job", code=asked.code), 303)


@pages.get("/resources/packs/<code>")
@allow.signed_in
def show_pack(code: str) -> ResponseReturnValue:
    """A pack that is ready."""
    pack = packing.pack_of(the_person(), code)
    return render_template("library/show_pack.html", pack=pack, keep_days=_settings().recycle_days)


@pages.get("/resources/packs/<code>/file")
@allow.signed_in
def pack_file(code: str) -> ResponseReturnValue:
    """The zip itself."""
    pack = packing.pack_of(the_person(), code)
    name = packing.file_name(pack.outcome["title"])
    return send_file(packing.file_of(pack), "application/zip", as_attachment=True, download_name=f"{name}.zip")
