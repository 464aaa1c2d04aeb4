"""The doors of rooms: the six digits of a classroom, and what a pupil's class has today."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.errors import Conflict, Invalid, TooMany
from foundation.sent import line
from live.room import entry, queries
from live.room.blueprint import pages
from schools.pupils import current_pupil

LONGEST_INPUT = 20


@pages.get("/enter")
@pages.get("/enter/<digits>")
@allow.anyone
def enter(digits: str = "") -> ResponseReturnValue:
    """Ask for the six digits; the address in a QR code brings them along."""
    return render_template("live/room/enter.html", digits=digits[:LONGEST_INPUT], fault="")


@pages.post("/enter")
@allow.anyone
def enter_classroom() -> ResponseReturnValue:
    """Let the screen of a classroom in."""
    digits = line(request.form.get("digits"), LONGEST_INPUT)
    try:
        screen, token = entry.let_in(digits, request.remote_addr or "unknown", request.user_agent.string)
    except (Invalid, Conflict, TooMany) as refusal:
        status = 429 if isinstance(refusal, TooMany) else 422
        return render_template("live/room/enter.html", digits=digits, fault=refusal.message), status
    answer = redirect(url_for("live_room.screen"), 303)
    entry.carry(answer, screen, token)
    return answer


@pages.get("/today")
@allow.pupil
def today() -> ResponseReturnValue:
    """The sessions of the pupil's class today."""
    pupil = current_pupil()
    return render_template("live/room/today.html", lessons=queries.lessons_today(pupil.class_id) if pupil else [])
