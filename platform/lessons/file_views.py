"""Files in plans, as browsers ask for them: pictures in texts, files at steps, and the choice of more from the library."""

from collections.abc import Sequence
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from foundation import allow
from foundation.database import db
from foundation.errors import NotFound
from foundation.sent import line, number
from lessons import access, files
from lessons.blueprint import pages
from lessons.files import PlanFile
from lessons.models import Plan
from library.models import Resource
from library.storage import the_store
from library.storage.base import Download, NoSuchFile
from schools.access import standing_of
from schools.signing_in import current_person, the_person

KEPT_SECONDS = 600
"""How long a browser goes by the address of a picture before it asks again; well below the life of a link of the store."""

_WORDS_LENGTH = 60


def told_of(plan: Plan) -> list[dict[str, Any]]:
    """The plan's files as its writing page wants to know them."""
    return [
        {
            "resource": file.code,
            "step": file.step_id,
            "title": file.title,
            "name": file.name,
            "size": file.size,
            "picture": file.is_picture,
        }
        for file in files.files_of(plan)
    ]


@pages.get("/<code>/files")
@allow.signed_in
def list_files(code: str) -> ResponseReturnValue:
    """The files that stand in the plan, for its writing page."""
    return jsonify(files=told_of(access.plan_for_reading(the_person(), code)))


@pages.get("/<code>/files/<resource>")
@allow.anyone
def plan_file(code: str, resource: str) -> ResponseReturnValue:
    """A file that stands in the plan, for whoever reads the plan: a picture to be shown, anything else to be kept."""
    plan = access.plan_for_reading(current_person(), code)
    version = files.version_in(plan, resource)
    shown = version.media_type in files.PICTURES and "download" not in request.args
    media_type = version.media_type if shown else "application/octet-stream"
    try:
        link = the_store().link(version.key, Download(version.name, media_type, inline=shown))
    except NoSuchFile:
        raise NotFound from None
    answer = redirect(link)
    if shown:
        answer.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return answer


@pages.get("/<code>/files/choices")
@allow.signed_in
def file_choices(code: str) -> ResponseReturnValue:
    """A page of the resources that the person may put into the plan."""
    standing = standing_of(the_person())
    access.plan_for_editing(standing, code)
    found = files.choices_for(
        standing, line(request.args.get("words"), _WORDS_LENGTH), number(request.args.get("page")) or 1
    )
    told = [{"resource": each.code, "title": each.title, "owner": each.owner.name} for each in found.resources]
    return jsonify(resources=told, page=found.page, pages=found.pages)


@pages.post("/<code>/files/<resource>/attach")
@allow.signed_in
def attach_file(code: str, resource: str) -> ResponseReturnValue:
    """Let a resource stand in the plan, at the step that is named or in its text."""
    person = the_person()
    plan = access.plan_for_editing(person, code)
    files.attach(person, plan, _resource(resource), line(request.form.get("step"), 16))
    return jsonify(files=told_of(plan))


@pages.post("/<code>/files/<resource>/detach")
@allow.signed_in
def detach_file(code: str, resource: str) -> ResponseReturnValue:
    """Take a resource away from a step of the plan."""
    person = the_person()
    plan = access.plan_for_editing(person, code)
    files.detach(person, plan, _resource(resource), line(request.form.get("step"), 16))
    return jsonify(files=told_of(plan))


def _resource(code: str) -> Resource:
    """The resource with that code; whether the person may do anything with it is asked where it is done."""
    found = db.session.scalar(select(Resource).where(Resource.code == code))
    if found is None:
        raise NotFound
    return found


def addresses(plan: Plan, standing: Sequence[PlanFile]) -> dict[str, str]:
    """Where the pictures among the files that stand in the plan are found, by their resource."""
    shown = {file.code for file in standing if file.is_picture}
    return {code: url_for("lessons.plan_file", code=plan.code, resource=code) for code in shown}
