"""The screens of rooms and what they fetch: the page by role, the pack before class, pages of files."""

from typing import Any, Final

from flask import current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from foundation import allow
from foundation.clock import to_milliseconds
from foundation.config import Settings
from foundation.errors import Conflict, NotFound
from library.previewing.showing import shown_as
from library.storage import the_store
from library.storage.base import NoSuchFile
from live.after.actions import begin_patrol
from live.media.ice import ice_servers
from live.media.service import with_devices
from live.models import LiveSession, RoomRole
from live.room import card_views, entry, entry_views, files, queries, run_sheet
from live.room.blueprint import pages
from live.room.events import Viewer
from live.room.rooms import me
from live.room.serving import now_ms
from schools.signing_in import the_person

__all__ = ["card_views", "entry_views", "pages"]

PAGES: Final = {
    RoomRole.LEAD: "live/room/lead.html",
    RoomRole.HELPER: "live/room/helper.html",
    RoomRole.PUPIL: "live/room/pupil.html",
    RoomRole.OBSERVER: "live/room/observer.html",
    RoomRole.PATROL: "live/room/observer.html",
    RoomRole.DIRECTOR: "live/room/observer.html",
}

FOR_GOOD: Final = "private, max-age=31536000, immutable"
FOR_A_WHILE: Final = "private, max-age=600"


@pages.get("/<code>/room")
@allow.anyone
def room(code: str) -> ResponseReturnValue:
    """The screen of the session that fits who asks for it."""
    proofs = tuple(proof for proof in entry.proofs_here() if proof.kind != "screen")
    session, viewer = queries.seen_by(code, proofs)
    try:
        queries.refuse_out_of_hours(session)
    except Conflict as refusal:
        if viewer.person is None:
            raise
        flash(refusal.message)
        return redirect(url_for("live.show_session", code=code))
    if viewer.role is RoomRole.PATROL:
        begin_patrol(the_person(), session)
    return _screen(PAGES[viewer.role], session, viewer)


@pages.get("/screen")
@allow.anyone
def screen() -> ResponseReturnValue:
    """The screen of the classroom that this browser was let in as."""
    let_in = entry.current_screen()
    if let_in is None:
        return redirect(url_for("live_room.enter"))
    session, viewer = queries.seen_by_screen(let_in)
    queries.refuse_out_of_hours(session)
    return _screen("live/room/classroom.html", session, viewer)


@pages.get("/<code>/pack")
@allow.anyone
def pack(code: str) -> ResponseReturnValue:
    """Everything that a screen fetches before class."""
    session, _ = queries.seen_by(code, entry.proofs_here())
    found = [
        {
            "resource": each.resource,
            "version": each.version,
            "page": each.page,
            "url": url_for("live_room.file", code=code, resource=each.resource, version=each.version, page=each.page),
            "bytes": each.size,
        }
        for each in files.pack_of(session.run_sheet)
    ]
    return jsonify(files=found)


@pages.get("/<code>/file/<resource>/<int:version>/<int:page>")
@allow.anyone
def file(code: str, resource: str, version: int, page: int) -> ResponseReturnValue:
    """A page of a file on the run-sheet as a picture, or (page 0) the picture, film or sound that it is."""
    session, _ = queries.seen_by(code, entry.proofs_here())
    shown = files.shown_in(session.run_sheet, resource, version, page)
    try:
        if shown.is_long:
            answer = redirect(the_store().link(shown.key, shown_as(shown.name, shown.media_type)))
            answer.headers["Cache-Control"] = FOR_A_WHILE
            return answer
        answer = send_file(the_store().open(shown.key), mimetype=shown.media_type, etag=False)
    except NoSuchFile:
        raise NotFound from None
    answer.set_etag(shown.key.replace("/", ""))
    answer.headers["Cache-Control"] = FOR_GOOD
    return answer.make_conditional(request)


def _screen(template: str, session: LiveSession, viewer: Viewer) -> ResponseReturnValue:
    config = _config(session, viewer)
    answer = current_app.make_response(
        render_template(template, session=session, viewer=viewer, config=config, title=session.title)
    )
    return with_devices(answer)


def _config(session: LiveSession, viewer: Viewer) -> dict[str, Any]:
    """What a screen knows before it has joined, and no more than its role may (docs/live.md, "Pages")."""
    code, settings = session.code, current_app.config["SETTINGS"]
    adult = viewer.role is not RoomRole.PUPIL
    sheet = run_sheet.for_screen(
        session.run_sheet,
        code,
        adult=adult,
        campuses=queries.campuses_of_notes(session, viewer),
        pages=files.pages_now(session.run_sheet),
    )
    file_address = url_for("live_room.file", code=code, resource="r", version=1, page=0).removesuffix("r/1/0")
    return {
        "session": {
            "code": code,
            "title": session.title,
            "kind": str(session.kind),
            "day": session.day.isoformat(),
            "starts_at": to_milliseconds(session.starts_at),
            "ends_at": to_milliseconds(session.ends_at),
            "lead": session.lead.name,
        },
        "me": me(viewer),
        "language": str(get_locale()),
        "run_sheet": sheet,
        "classrooms": queries.classrooms_told(session),
        "pupils": queries.pupils_told(session, viewer),
        "now": now_ms(),
        "urls": {
            "pack": url_for("live_room.pack", code=code),
            "file": file_address + "{resource}/{version}/{page}",
            "leave": _way_out(code, viewer),
            "notes": f"/live/{code}/notes",
            "check": url_for("live_checking.judge_classroom", code=code),
            "measure": url_for("live_checking.check"),
        },
        "media": {
            "kind": str(session.media),
            "ice": _ice(settings, viewer),
            "link": session.link if viewer.pupil is None else "",
        },
    }


def _ice(settings: Settings, viewer: Viewer) -> list[dict[str, Any]]:
    return [] if viewer.pupil is not None else ice_servers(settings, viewer.endpoint)


def _way_out(code: str, viewer: Viewer) -> str:
    if viewer.pupil is not None:
        return url_for("live_room.today")
    return url_for("live_room.enter") if viewer.is_screen else url_for("live.show_session", code=code)
