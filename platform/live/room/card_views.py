"""教室卡: what is put beside the computer of each classroom, to print."""

from dataclasses import dataclass
from datetime import date

import segno
from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.errors import NotFound
from live.access import classroom_of, may_change_session, role_in, session_to_see
from live.models import LiveClassroom, LiveSession, RoomRole
from live.room.blueprint import pages
from live.scheduling.clocks import clock_of
from schools.access import Standing, standing_of
from schools.signing_in import the_person
from timetable.words import clock_time


@dataclass(frozen=True)
class Card:
    """What stands on the card of a classroom, by its campus' clock; `picture` is the QR of its own address."""

    place: str
    campus: str
    room: str
    helper: str
    day: date
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
    campus, school_class = classroom.campus, classroom.school_class
    (day, starts), (_, ends) = (clock_of(each, campus.zone) for each in (session.starts_at, session.ends_at))
    return Card(
        place=f"{campus.short_name} {school_class.name}" if school_class else campus.short_name,
        campus=campus.name if campus.name != campus.short_name else "",
        room=classroom.room.name if classroom.room else "",
        helper=classroom.helper.name if classroom.helper else "",
        day=day,
        when=f"{clock_time(starts)}–{clock_time(ends)}",
        digits=classroom.entry_code or "",
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=1),
    )
