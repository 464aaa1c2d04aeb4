"""Uploads: the page for dropping files, and what the tray of every page asks for. Thin: the work is in `uploading`."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from foundation import allow
from foundation.errors import NotFound
from library import arrived, uploading
from library.blueprint import pages
from library.models import Resource, Upload
from library.upload_forms import UploadForm, part_numbers, sha256_sent
from schools.access import standing_of
from schools.limits import limits_of
from schools.models import Visibility
from schools.names import VISIBILITY_NAMES
from schools.queries import places_of, prep_groups_of
from schools.signing_in import the_person


@pages.post("/resources/uploads")
@allow.signed_in
def begin_upload() -> ResponseReturnValue:
    """Be ready for a file, or go on with one that was begun before."""
    form = UploadForm.read(request.get_json(silent=True))
    begun = uploading.begin_upload(
        the_person(), form.name, form.size, fingerprint=form.fingerprint, sha256=form.sha256, about=form.about
    )
    return _told(begun)


@pages.get("/resources/uploads/<code>")
@allow.signed_in
def upload_state(code: str) -> ResponseReturnValue:
    """How far an upload of the person is."""
    return _told(uploading.upload_of(the_person(), code))


@pages.get("/resources/uploads/<code>/links")
@allow.signed_in
def part_links(code: str) -> ResponseReturnValue:
    """Where the browser sends parts to, by their numbers."""
    numbers = part_numbers(request.args.get("parts", ""))
    links = uploading.part_links(the_person(), code, numbers)
    return {"links": {str(number): link for number, link in links.items()}}


@pages.post("/resources/uploads/<code>/finish")
@allow.signed_in
def finish_upload(code: str) -> ResponseReturnValue:
    """All parts were sent."""
    sha256 = sha256_sent(request.get_json(silent=True))
    return _told(uploading.finish_upload(the_person(), code, sha256))


@pages.post("/resources/uploads/<code>/cancel")
@allow.signed_in
def cancel_upload(code: str) -> ResponseReturnValue:
    """The person does not want to send it any more."""
    uploading.cancel_upload(the_person(), code)
    return {}


@pages.get("/resources/same")
@allow.signed_in
def same_files() -> ResponseReturnValue:
    """Resources that the person may read and that are the very file they are sending."""
    person = the_person()
    found = uploading.same_files(person, sha256_sent(request.args))
    return {"same": [_same(resource, mine=resource.owner_id == person.id) for resource in found]}


@pages.get("/resources/upload")
@allow.signed_in
def upload() -> ResponseReturnValue:
    """Where files are dropped, and where those that have arrived are looked over."""
    books = arrived.Books()
    return _upload_page([arrived.row_of(each, books) for each in arrived.arrived(the_person())])


@pages.post("/resources/upload")
@allow.signed_in
def confirm_arrived() -> ResponseReturnValue:
    """What the person says of the files that have arrived."""
    count = len(set(request.form.getlist("upload")))
    left = arrived.confirm(the_person(), request.form)
    if left:
        return _upload_page(left), 422
    flash(ngettext("%(num)d 份资源已确认。", "%(num)d 份资源已确认。", count))
    return redirect(url_for(".list_resources"), 303)


@pages.get("/resources/upload/rows/<code>")
@allow.signed_in
def arrived_row(code: str) -> ResponseReturnValue:
    """The line of one file anew, after another subject or book was chosen in it."""
    found = arrived.arrived(the_person(), code)
    if not found:
        raise NotFound
    row = arrived.row_of(found[0], arrived.Books(), request.args)
    return render_template("library/arrived_row.html", row=row, seers=_seers())


def _upload_page(rows: Sequence[arrived.Row]) -> str:
    person = the_person()
    standing = standing_of(person)
    places = places_of(standing)
    return render_template(
        "library/upload.html",
        rows=rows,
        seers=_seers(),
        subjects=rows[0].tree.subjects if rows else (),
        may_upload=bool(places),
        limits=limits_of(places[0][0]) if places else None,
    )


def _seers() -> list[tuple[str, str]]:
    """Who may be let see a file, as choices of a list."""
    groups = prep_groups_of(standing_of(the_person()))
    return [
        (str(Visibility.PERSONAL), str(VISIBILITY_NAMES[Visibility.PERSONAL])),
        *((str(arrived.Seen(Visibility.PREP_GROUP, group.id)), group.name) for group in groups),
        *(
            (str(each), str(VISIBILITY_NAMES[each]))
            for each in (Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC)
        ),
    ]


def _told(upload: Upload) -> dict[str, Any]:
    there = uploading.parts_there(upload)
    return {
        "code": upload.code,
        "size": upload.size,
        "part_bytes": upload.part_bytes,
        "have": there,
        "state": upload.state.value,
        "reason": upload.reason,
        "resource": _resource(upload.resource) if upload.resource else None,
    }


def _resource(resource: Resource) -> dict[str, str]:
    return {
        "code": resource.code,
        "title": resource.title,
        "url": url_for("library.show_resource", code=resource.code),
    }


def _same(resource: Resource, *, mine: bool) -> dict[str, Any]:
    return {**_resource(resource), "campus": resource.campus.short_name, "mine": mine}
