"""Recordings as they come in, what becomes of them, and the page that plays a lesson again."""

from datetime import UTC, datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.errors import Invalid
from live.recording import access, actions
from schools.access import Standing, standing_of
from schools.signing_in import current_person

pages = Blueprint("live_recording", __name__, template_folder="../templates", url_prefix="/live")


@pages.post("/<code>/recording")
@allow.anyone
def begin_recording(code: str) -> ResponseReturnValue:
    """The main classroom begins to record, or goes on."""
    session = access.session_to_record(_visitor(), code)
    sent = request.get_json(silent=True) or {}
    recording = actions.begin_recording(
        current_person(), session, str(sent.get("type", "")), consent=sent.get("consent") is True
    )
    return {"recording": recording.code}


@pages.post("/<code>/recording/<recording>/parts")
@allow.anyone
def take_part(code: str, recording: str) -> ResponseReturnValue:
    """A part of it."""
    session = access.session_to_record(_visitor(), code)
    found = access.recording_of(session, recording)
    part = actions.take_part(
        found,
        _moment(request.args.get("took")),
        request.args.get("index", -1, type=int),
        _moment(request.args.get("at")),
        request.get_data(),
    )
    return {"number": part.number}


@pages.post("/<code>/recording/<recording>/end")
@allow.anyone
def end_recording(code: str, recording: str) -> ResponseReturnValue:
    """Nothing more will come."""
    session = access.session_to_record(_visitor(), code)
    actions.end_recording(current_person(), access.recording_of(session, recording))
    return {}


def _visitor() -> Standing:
    return standing_of(current_person())


def _moment(milliseconds: str | None) -> datetime:
    try:
        return datetime.fromtimestamp(int(milliseconds or "") / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Invalid(gettext("这一段录像没有写明时间。")) from None
