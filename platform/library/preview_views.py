"""The page that shows what a resource looks like, without downloading it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.errors import NotFound
from library import access
from library.blueprint import pages
from library.previewing import queries
from library.previewing.kinds import FileKind, kind_of
from library.previewing.markdown import markdown_to_html
from schools.signing_in import current_person


@pages.app_context_processor
def _preview_words() -> dict[str, object]:
    return {"preview_sentence": queries.state_sentence}


@pages.get("/resources/<code>/preview")
@allow.anyone
def show_preview(code: str) -> ResponseReturnValue:
    """The pages, the film or the text of a resource's newest version, or of the one asked for."""
    resource = access.resource_for_reading(current_person(), code)
    version = queries.version_of(resource, request.args.get("version", type=int))
    if version is None:
        raise NotFound
    return render_template(
        "library/show_preview.html",
        resource=resource,
        version=version,
        preview=queries.preview_of(version, request.args.get("page", 1, type=int)),
        written=markdown_to_html if kind_of(version.name) is FileKind.MARKDOWN else None,
    )
