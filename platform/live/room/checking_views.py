"""网络和设备检测: the page that measures, what it measures against, and the history of a room."""

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import now, to_milliseconds
from foundation.config import Settings
from foundation.errors import Invalid, NotFound
from live.media.ice import ice_servers
from live.room import checking, entry, queries
from schools.access import standing_of
from schools.signing_in import current_person, the_person

pages = Blueprint("live_checking", __name__, template_folder="../templates", url_prefix="/live")

MOST_BYTES = 1_500_000
"""Of one download or upload; a whole check stays below 3 MB."""
DEVICES_ALLOWED = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"


@pages.get("/check")
@allow.signed_in
def check() -> ResponseReturnValue:
    """Measure the line and the devices of this computer, for a room or just so."""
    person = the_person()
    answer = current_app.make_response(
        render_template(
            "live/checking/check.html",
            rooms=checking.rooms_to_check(standing_of(person)),
            ice=ice_servers(_settings(), f"p{person.id}"),
        )
    )
    answer.headers["Permissions-Policy"] = DEVICES_ALLOWED
    return answer


@pages.get("/check/echo")
@allow.anyone
def echo() -> ResponseReturnValue:
    """The server's clock, as quickly as can be."""
    _refuse_strangers()
    return jsonify(now=to_milliseconds(now()))


@pages.get("/check/download")
@allow.anyone
def download() -> ResponseReturnValue:
    """So many bytes that no line can press together."""
    _refuse_strangers()
    return Response(secrets.token_bytes(_size(request.args.get("bytes", 0, int))), mimetype="application/octet-stream")


@pages.post("/check/upload")
@allow.anyone
def upload() -> ResponseReturnValue:
    """Takes bytes and keeps none of them."""
    _refuse_strangers()
    _size(request.content_length or 0)
    return jsonify(bytes=len(request.get_data(cache=False)))


def _refuse_strangers() -> None:
    """A line is measured by people and by the screens of classrooms."""
    if current_person() is None and entry.current_screen() is None:
        raise NotFound


def _size(sent: int) -> int:
    if not 0 < sent <= MOST_BYTES:
        raise Invalid(gettext("测速的大小不对，请刷新页面再测。"))
    return sent


@pages.post("/check")
@allow.signed_in
def judge() -> ResponseReturnValue:
    """What was measured, in words; kept when a room was named."""
    sent = _sent()
    measured = checking.Measured.read(sent.get("measured"))
    room_id = sent.get("room")
    if isinstance(room_id, int):
        checking.keep_check(the_person(), room_id, measured)
    return _judged(measured, kept=isinstance(room_id, int))


@pages.post("/<code>/check")
@allow.anyone
def judge_classroom(code: str) -> ResponseReturnValue:
    """What a classroom or the lead has measured while waiting for the lesson, in words; kept for the room they sit in."""
    sent = _sent()
    proofs = entry.proofs_here()
    if sent.get("screen") is True:
        proofs = tuple(proof for proof in proofs if proof.kind == "screen")
    session, viewer = queries.seen_by(code, proofs)
    measured = checking.Measured.read(sent.get("measured"))
    kept = checking.keep_check_of_classroom(session, viewer, measured)
    return _judged(measured, kept=kept is not None)


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else {}


def _judged(measured: checking.Measured, *, kept: bool) -> ResponseReturnValue:
    level = checking.level_of(measured)
    return jsonify(level=level, words=checking.verdict(measured), findings=checking.findings(measured), kept=kept)


@pages.get("/check/rooms/<int:room_id>")
@allow.signed_in
def room_checks(room_id: int) -> ResponseReturnValue:
    """What was measured in a room so far."""
    room, campus = checking.room_with_checks(standing_of(the_person()), room_id)
    return render_template(
        "live/checking/room_checks.html",
        room=room,
        campus=campus,
        found=checking.checks_of(room_id, request.args.get("page", 1, int), _settings().page_size),
        findings=lambda check: checking.findings(checking.measured_of(check)),
        verdict=lambda check: checking.verdict(checking.measured_of(check)),
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
