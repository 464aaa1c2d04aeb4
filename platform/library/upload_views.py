"""Uploads: the page for dropping files, and what the tray of every page asks for. Thin: the work is in `uploading`."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from foundation import allow
from library import uploading
from library.blueprint import pages
from library.models import Resource, Upload
from library.upload_forms import UploadForm, part_numbers, sha256_sent
from schools.signing_in import the_person


@pages.post("/resources/uploads")
@allow.signed_in
def begin_upload() -> ResponseReturnValue:
    """Be ready for a file, or go on with one that was begun before."""
    form = UploadForm.read(request.get_json(silent=True))
    upload = uploading.begin_upload(
        the_person(), form.name, form.size, fingerprint=form.fingerprint, sha256=form.sha256, about=form.about
    )
    return _told(upload)


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
