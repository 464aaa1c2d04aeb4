"""教室卡: what is put beside the computer of each classroom, to print."""

from dataclasses import dataclass

import segno
from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.errors import NotFound
from live.access import classroom_of, may_change_session, role_in, session_to_see
from live.models import LiveClassroom, LiveSession, RoomRole
from live.room.blueprint import pages
from schools.access import Standing, standing_of
from schools.signing_in import the_person
from timetable.words import clock_time


@dataclass(frozen=True)
class Card:
    """What stands on the card of a classroom; `picture` is the QR of its own address."""

    place: str
    room: str
    helper: str
    when: str
    digits: str
    picture: str


@pages.get("/<code>/cards")
@allow.signed_in
def cards(code: str) -> ResponseReturnValue:
    """The cards of all classrooms for who leads or changes the session; a helper has the one of her own."""
    standing = standing_of(the_person())
    session = session_to_see(standing, code)
    return render_template(
        "live/room/card.html",
        session=session,
        cards=[_card(session, each) for each in _classrooms(session, standing) if each.entry_code],
        address=url_for("live_room.enter", _external=True).partition("://")[2],
    )


def _classrooms(session: LiveSession, standing: Standing) -> list[LiveClassroom]:
    role = role_in(session, standing)
    if role is RoomRole.LEAD or may_change_session(standing, session):
        return session.classrooms
    own = classroom_of(session, standing)
    if role is not RoomRole.HELPER or own is None:
        raise NotFound
    return [own]


def _card(session: LiveSession, classroom: LiveClassroom) -> Card:
    address = url_for("live_room.enter", digits=classroom.entry_code, _external=True)
    return Card(
        place=" ".join(
            part
            for part in (classroom.campus.name, classroom.school_class.name if classroom.school_class else "")
            if part
        ),
        room=classroom.room.name if classroom.room else "",
        helper=classroom.helper.name if classroom.helper else "",
        when=f"{clock_time(session.starts)}–{clock_time(session.ends)}",
        digits=classroom.entry_code or "",
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=1),
    )
