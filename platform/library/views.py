"""Pages of the library, and the addresses to which the local file store's links lead."""

from typing import BinaryIO, cast

from flask import request
from flask import send_file as send
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.database import db
from foundation.errors import NotFound
from library import preview_views, resource_views, sharing_views, upload_views
from library.blueprint import pages
from library.collecting import views as collection_views
from library.storage import the_store
from library.storage.base import NoSuchFile, NoSuchUpload, StoreFailed, StoreFull, WrongParts
from library.storage.local import LocalFileStore

__all__ = ["collection_views", "pages", "preview_views", "resource_views", "sharing_views", "upload_views"]

NO_POWERS = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""What a file from outside may do when it is shown as itself: nothing."""


@pages.get("/files/<token>")
@allow.anyone
def send_file(token: str) -> ResponseReturnValue:
    """A file of the local store, to whoever holds an address that it signed a short while ago."""
    store = _local_store()
    try:
        key, download = store.linked(token)
        path = store.path(key)
    except NoSuchFile:
        raise NotFound from None
    answer = send(
        path, download.media_type, as_attachment=not download.inline, download_name=download.name, conditional=True
    )
    answer.headers["Content-Security-Policy"] = NO_POWERS
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@pages.put("/files/parts/<token>")
@allow.anyone
def take_part(token: str) -> ResponseReturnValue:
    """Take a part of an upload into the local store, from whoever holds an address that it signed a short while ago."""
    store = _local_store()
    try:
        upload, number, size = store.part_linked(token)
        request.max_content_length = size + 1
        db.session.rollback()  # a thin line takes its time, in which others may want to write
        store.take_part(upload, number, size, cast(BinaryIO, request.stream))
    except NoSuchUpload:
        raise NotFound from None
    except WrongParts:
        return {"error": "wrong_size"}, 400
    except StoreFull:
        return {"error": "full"}, 507
    except StoreFailed:
        return {"error": "failed"}, 503
    return {}, 200


def _local_store() -> LocalFileStore:
    store = the_store()
    if not isinstance(store, LocalFileStore):
        raise NotFound
    return store
