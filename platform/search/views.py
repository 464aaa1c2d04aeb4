"""Pages of the search, and what its box offers while somebody types."""

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid
from schools.access import standing_of
from schools.signing_in import the_person
from search import actions, queries, terms
from search.addresses import address_of
from search.forms import Wanted, name_sent, number_of, words_of
from search.service import the_index
from search.wording.access import may_change_any

pages = Blueprint("search", __name__, template_folder="templates")

SHOWN_SAVED = 8


@pages.app_context_processor
def _words() -> dict[str, object]:
    return {
        "hit_address": address_of,
        "hit_picture": terms.picture_of,
        "hit_place": terms.place_of,
        "hit_kinds": terms.KINDS,
        "search_filters": terms.FILTERS,
        "search_sorts": terms.SORTS,
    }


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("/search")
@allow.signed_in
def search() -> ResponseReturnValue:
    """What was looked for, or, before anything was, what somebody may want to see."""
    wanted = Wanted.read(request.args)
    return _begin_page() if wanted.nothing else _results_page(wanted)


def _begin_page() -> str:
    standing = standing_of(the_person())
    return render_template(
        "search/begin.html",
        wanted=Wanted(),
        saved=queries.saved_searches(standing, 1, SHOWN_SAVED),
        feeds=queries.feeds_of(standing),
        may_change_synonyms=may_change_any(standing),
    )


def _results_page(wanted: Wanted, errors: dict[str, str] | None = None, name: str = "") -> str:
    standing = standing_of(the_person())
    return render_template(
        "search/results.html",
        wanted=wanted,
        results=queries.results_of(standing, wanted),
        of_a_group=queries.OF_A_GROUP,
        may_save=not standing.looked_through,
        name=name,
        errors=errors or {},
    )


@pages.get("/search/suggest")
@allow.signed_in
def suggest() -> ResponseReturnValue:
    """What the box offers for the beginning of something."""
    words = words_of(request.args.get("q", ""))
    offers = the_index().suggest(standing_of(the_person()), words) if words else []
    return jsonify(
        offers=[
            {
                "kind": str(terms.KINDS[offer.kind]),
                "picture": terms.picture_of(offer.kind),
                "title": [[piece.text, piece.hit] for piece in offer.title],
                "url": address_of(offer.kind, offer.code),
            }
            for offer in offers
        ]
    )


@pages.get("/search/saved")
@allow.signed_in
def list_saved() -> ResponseReturnValue:
    """Somebody's saved searches."""
    return _saved_page()


def _saved_page(errors: dict[str, str] | None = None, renaming: int = 0) -> str:
    page = number_of(request.args.get("page", "")) or 1
    return render_template(
        "search/list_saved.html",
        found=queries.saved_searches(standing_of(the_person()), page, _settings().page_size),
        most=actions.MOST_SAVED,
        renaming=renaming,
        sent=request.form,
        errors=errors or {},
    )


@pages.post("/search/saved")
@allow.signed_in
def save_search() -> ResponseReturnValue:
    """Keep the search of the page under a name."""
    wanted = Wanted.read(request.form)
    try:
        name = name_sent(request.form)
        actions.save_search(the_person(), name, wanted.address())
    except Invalid as refusal:
        return _results_page(wanted, refusal.fields, request.form.get("name", "")), 422
    flash(gettext("已保存为常用搜索“%(name)s”。", name=name))
    return redirect(url_for(".search", **wanted.address()), 303)


@pages.post("/search/saved/<int:search_id>/rename")
@allow.signed_in
def rename_search(search_id: int) -> ResponseReturnValue:
    """Call a saved search otherwise."""
    try:
        actions.rename_search(the_person(), search_id, name_sent(request.form))
    except Invalid as refusal:
        return _saved_page(refusal.fields, search_id), 422
    return redirect(url_for(".list_saved"), 303)


@pages.post("/search/saved/<int:search_id>/delete")
@allow.signed_in
def delete_search(search_id: int) -> ResponseReturnValue:
    """Forget a saved search."""
    flash(gettext("已删除“%(name)s”。", name=actions.delete_search(the_person(), search_id)))
    return redirect(url_for(".list_saved"), 303)
