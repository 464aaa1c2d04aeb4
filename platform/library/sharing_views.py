"""Pages about who sees a resource: choosing it, asking for a reviewer's word, giving it, taking a resource back."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.errors import Invalid
from library import access, actions, queries, reasons, terms
from library.blueprint import pages
from library.forms import DecisionForm, SharedForm, page_sent
from library.hindrances import hindrance_of
from library.models import Resource
from schools.access import Standing, standing_of
from schools.signing_in import the_person


@pages.route("/resources/<code>/share", methods=["GET", "POST"])
@allow.signed_in
def share_resource(code: str) -> ResponseReturnValue:
    """Choose who sees the resource; for many, a reviewer is asked first."""
    person = the_person()
    standing = standing_of(person)
    resource = access.resource_for_sharing(standing, code)
    if request.method == "GET":
        return _share_page(standing, resource)
    try:
        form = SharedForm.read(request.form)
        at_once = actions.share_resource(person, resource, form.visibility, form.prep_group)
    except Invalid as refusal:
        return _share_page(standing, resource, refusal), 422
    flash(reasons.rights_sentence(resource) if at_once else gettext("已经请审核人来看。同意之前，可见范围不变。"))
    return redirect(url_for(".show_resource", code=code), 303)


def _share_page(standing: Standing, resource: Resource, refusal: Invalid | None = None) -> str:
    return render_template(
        "library/share_resource.html",
        resource=resource,
        rights=reasons.rights_sentence(resource),
        hindrance=hindrance_of(resource),
        chosen=request.form.get("visibility") or resource.wanted or resource.visibility,
        prep_groups=queries.prep_groups_for(standing, resource),
        visible_to=terms.VISIBLE_TO,
        reviewed={each for each in terms.VISIBLE_TO if access.needs_review(standing, resource, each)},
        errors=refusal.fields if refusal else {},
    )


@pages.post("/resources/<code>/withdraw")
@allow.signed_in
def withdraw_resource(code: str) -> ResponseReturnValue:
    """Take the resource back: only its owner sees it from now on."""
    person = the_person()
    resource = access.resource_for_sharing(person, code)
    actions.withdraw_resource(person, resource)
    flash(gettext("《%(title)s》已撤回，别人看不到了。", title=resource.title))
    if resource.owner_id != person.id:
        return redirect(url_for(".list_resources"), 303)
    return redirect(url_for(".show_resource", code=code), 303)


@pages.post("/resources/<code>/review/cancel")
@allow.signed_in
def cancel_review(code: str) -> ResponseReturnValue:
    """Ask no longer for more people to see the resource."""
    person = the_person()
    actions.cancel_review(person, access.resource_for_sharing(person, code))
    flash(gettext("申请已撤回，可见范围不变。"))
    return redirect(url_for(".show_resource", code=code), 303)


@pages.get("/resources/reviews")
@allow.signed_in
def list_reviews() -> ResponseReturnValue:
    """What waits for a word of mine."""
    standing = standing_of(the_person())
    size = current_app.config["SETTINGS"].page_size
    return render_template(
        "library/list_reviews.html", found=queries.reviews_waiting(standing, page_sent(request.args), size)
    )


@pages.post("/resources/<code>/review")
@allow.signed_in
def decide_review(code: str) -> ResponseReturnValue:
    """A reviewer's yes or no."""
    person = the_person()
    resource = access.resource_for_reading(person, code)
    try:
        form = DecisionForm.read(request.form)
        actions.decide(person, resource, agrees=form.agrees, reason=form.reason)
    except Invalid as refusal:
        flash(refusal.message, "error")
        return redirect(url_for(".show_resource", code=code), 303)
    if form.agrees:
        flash(gettext("已同意，《%(title)s》的可见范围已经扩大。", title=resource.title))
    else:
        flash(gettext("已回复不同意：《%(title)s》。", title=resource.title))
    return redirect(url_for(".list_reviews"), 303)
