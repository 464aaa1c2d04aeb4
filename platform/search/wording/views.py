"""Pages: words that mean the same, of a group and its subjects."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid
from schools.access import standing_of
from schools.signing_in import the_person
from search.models import Synonym
from search.synonyms import SEED
from search.wording import access, actions, queries
from search.wording.access import Reach
from search.wording.forms import SynonymFilter, SynonymForm

pages = Blueprint("synonyms", __name__)

Errors = Mapping[str, str]


@pages.get("/search/synonyms")
@allow.signed_in
def list_synonyms() -> ResponseReturnValue:
    """The synonyms of a group, and below them those that come with the product."""
    settings: Settings = current_app.config["SETTINGS"]
    standing = standing_of(the_person())
    wanted = SynonymFilter.read(request.args)
    reach = access.reach_in(standing, wanted.group)
    return render_template(
        "search/list_synonyms.html",
        wanted=wanted,
        reach=reach,
        groups=[each.group for each in access.reaches_of(standing)],
        found=queries.synonyms_of(reach, wanted, settings.page_size),
        subjects=queries.subjects_within(reach),
        seed=SEED,
    )


@pages.route("/search/synonyms/new", methods=["GET", "POST"])
@allow.signed_in
def new_synonym() -> ResponseReturnValue:
    """Words are made to mean the same."""
    reach = access.reach_in(standing_of(the_person()), SynonymFilter.read(request.args).group)
    if request.method == "GET":
        return _form(reach)
    try:
        actions.add_synonym(the_person(), reach.group, SynonymForm.read(request.form))
    except Invalid as refusal:
        return _form(reach, errors=refusal.fields), 422
    flash(gettext("已添加。几秒钟后，搜索就会把这些词当作同一个意思。"))
    return redirect(url_for(".list_synonyms", group=reach.group.id), 303)


@pages.route("/search/synonyms/<int:synonym_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_synonym(synonym_id: int) -> ResponseReturnValue:
    """The words and the subject of a synonym."""
    standing = standing_of(the_person())
    synonym = access.synonym_of(standing, synonym_id)
    reach = access.reach_in(standing, synonym.group_id)
    if request.method == "GET":
        return _form(reach, synonym)
    try:
        actions.change_synonym(the_person(), synonym, SynonymForm.read(request.form))
    except Invalid as refusal:
        return _form(reach, synonym, refusal.fields), 422
    flash(gettext("同义词已保存。"))
    return redirect(url_for(".list_synonyms", group=reach.group.id), 303)


@pages.post("/search/synonyms/<int:synonym_id>/delete")
@allow.signed_in
def delete_synonym(synonym_id: int) -> ResponseReturnValue:
    """Words no longer mean the same."""
    synonym = access.synonym_of(standing_of(the_person()), synonym_id)
    group_id = synonym.group_id
    actions.delete_synonym(the_person(), synonym)
    flash(gettext("同义词已删除。"))
    return redirect(url_for(".list_synonyms", group=group_id), 303)


def _form(reach: Reach, synonym: Synonym | None = None, errors: Errors | None = None) -> str:
    return render_template(
        "search/edit_synonym.html",
        reach=reach,
        synonym=synonym,
        subjects=queries.subjects_within(reach),
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )
