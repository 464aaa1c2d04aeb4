"""Recordings as they come in, what becomes of them, and the page that plays a lesson again."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import from_milliseconds
from foundation.errors import Invalid
from live.models import LiveSession
from live.recording import access, actions, replaying
from live.room import entry
from schools.access import standing_of
from schools.signing_in import current_person, the_person

pages = Blueprint("live_recording", __name__, template_folder="../templates", url_prefix="/live")


@pages.post("/<code>/recording")
@allow.anyone
def begin_recording(code: str) -> ResponseReturnValue:
    """The main classroom begins to record, or goes on."""
    session = _recorded(code)
    sent = request.get_json(silent=True) or {}
    recording = actions.begin_recording(
        current_person(), session, str(sent.get("type", "")), consent=sent.get("consent") is True
    )
    return {"recording": recording.code}


@pages.post("/<code>/recording/<recording>/parts")
@allow.anyone
def take_part(code: str, recording: str) -> ResponseReturnValue:
    """A part of it."""
    session = _recorded(code)
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
    session = _recorded(code)
    actions.end_recording(current_person(), access.recording_of(session, recording))
    return {}


@pages.post("/<code>/recording/<recording>/again")
@allow.signed_in
def try_again(code: str, recording: str) -> ResponseReturnValue:
    """Have a recording joined once more."""
    person = the_person()
    actions.try_again(person, access.recording_to_decide(standing_of(person), code, recording))
    flash(gettext("正在重新合成，好了会显示在这里。"))
    return _back(code)


@pages.post("/<code>/recording/<recording>/consent")
@allow.signed_in
def set_consent(code: str, recording: str) -> ResponseReturnValue:
    """Whether everybody who is seen has agreed."""
    person = the_person()
    found = access.recording_to_decide(standing_of(person), code, recording)
    actions.set_consent(person, found, given=request.form.get("given") == "1")
    return _back(code)


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("live_after.show", code=code, _anchor="recording"), 303)


@pages.get("/<code>/replay")
@allow.signed_in
def replay(code: str) -> ResponseReturnValue:
    """The lesson once more: the film and what was on the stage at the same second, or that alone where there is no film."""
    standing = standing_of(the_person())
    session, role = access.session_to_replay(standing, code)
    file = url_for("live_room.file", code=code, resource="r", version=1, page=0).removesuffix("r/1/0")
    config = replaying.config_of(standing, session, role, file + "{resource}/{version}/{page}")
    return render_template("live/recording/replay.html", session=session, config=config)


def _recorded(code: str) -> LiveSession:
    """The session that this browser records."""
    return access.session_to_record(code, entry.proofs_here())


def _moment(milliseconds: str | None) -> datetime:
    try:
        return from_milliseconds(int(milliseconds or ""))
    except (ValueError, OverflowError, OSError):
        raise Invalid(gettext("这一段录像没有写明时间。")) from None
