"""Things to find, and an index that has them."""

from foundation.database import db
from library.models import PreviewState, Resource, ResourcePage
from search import indexing


def index_everything() -> None:
    """Make the index anew from what stands in the database."""
    db.session.commit()
    indexing.rebuild()


def with_pages(resource: Resource, *texts: str) -> Resource:
    """Give the newest version of a resource pages, as its preview would."""
    version = resource.versions[-1]
    version.preview, version.pages = PreviewState.READY, len(texts)
    for number, text in enumerate(texts, start=1):
        db.session.add(ResourcePage(version_id=version.id, number=number, text=text))
    db.session.commit()
    return resource
