"""Things to find, and an index that has them."""

from flask import current_app

from foundation.database import db
from library.models import PreviewState, Resource, ResourcePage
from search.making import all_keys, documents_of
from search.service import the_index


def index_everything() -> None:
    """Make the index anew from what stands in the database."""
    db.session.commit()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():  # a session of its own, as the worker has
        index = the_index().index
        with index.writing():
            index.rebuild(documents_of(list(all_keys())))


def with_pages(resource: Resource, *texts: str) -> Resource:
    """Give the newest version of a resource pages, as its preview would."""
    version = resource.versions[-1]
    version.preview, version.pages = PreviewState.READY, len(texts)
    for number, text in enumerate(texts, start=1):
        db.session.add(ResourcePage(version_id=version.id, number=number, text=text))
    db.session.commit()
    return resource
