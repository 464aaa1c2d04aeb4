"""Page: a time that suits the classes of several campuses."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from foundation import allow
from foundation.database import db
from foundation.paging import nearest_page
from live.scheduling.finding import Wanted
from live.scheduling.finding import find as look
from live.scheduling.finding_form import FindForm, Search, completed, search_of
from live.scheduling.giving_way import Movers, movers_for
from live.scheduling.proposing import Proposal, obstacle_in_words, proposals_of
from manage.finding import said
from schools.access import Standing, standing_of
from schools.models import Person
from schools.names import grade_name
from schools.signing_in import the_person
from timetable.words import WEEKDAY_NAMES

pages = Blueprint("live_finding", __name__, template_folder="../templates", url_prefix="/live")

REMEMBERED = "live_find"
LONGEST_REMEMBERED = 600
SHOWN = 10
OBSTACLES = 4


@dataclass(frozen=True)
class Results:
    """A page of proposals; `names` how colleagues are named in a form, `obstacles` what stood in the way most often."""

    wanted: Wanted
    volume_id: int | None
    proposals: Sequence[Proposal]
    count: int
    page: int
    pages: int
    names: dict[int, str]
    obstacles: Sequence[str]
    movers: Movers

    def address(self, proposal: Proposal) -> str:
        """Where a session at this time is made, all of it filled in."""
        places = proposal.places
        helpers = [
            self.names.get(each.seat.teacher_id or 0, "") if number else "" for number, each in enumerate(places)
        ]
        return url_for(
            "live.new_session",
            subject=self.wanted.subject_id,
            volume=self.volume_id,
            topic=self.wanted.topic_id,
            lead=self.names.get(self.wanted.lead_id, ""),
            day=proposal.slot.day.isoformat(),
            period=proposal.slot.clock.number,
            minutes=self.wanted.minutes,
            place=[f"k{each.seat.class_id}" for each in places],
            room=[each.room.id if each.room else "" for each in places],
            helper=helpers,
        )


@pages.get("/find")
@allow.signed_in
def find() -> ResponseReturnValue:
    """What is looked for, and the times that were found; what was asked last stands there again."""
    person = the_person()
    standing = standing_of(person)
    if not request.args and session.get(REMEMBERED):
        return redirect(f"{url_for('.find')}?{session[REMEMBERED]}")
    form, choices = completed(person, standing, FindForm.read(request.args))
    asked = search_of(form, choices, standing)
    results = None
    if asked is not None and "subject" in request.args:
        results = _results(standing, asked, form.page)
        sent = request.query_string.decode("ascii", "ignore")
        if len(sent) <= LONGEST_REMEMBERED:
            session[REMEMBERED] = sent
    return render_template(
        "live/finding/find.html",
        form=form,
        choices=choices,
        results=results,
        looked="subject" in request.args,
        weekday_names=WEEKDAY_NAMES,
        grade_name=grade_name,
    )


def _results(standing: Standing, asked: Search, page: int) -> Results:
    world = asked.world()
    answer = look(world, asked.wanted, asked.teachers)
    page, pages = nearest_page(page, len(answer.slots), SHOWN)
    proposals = proposals_of(world, asked.wanted, answer.slots[(page - 1) * SHOWN : page * SHOWN])
    people = {asked.wanted.lead_id, *asked.teachers.values()}
    return Results(
        asked.wanted,
        asked.volume_id,
        proposals,
        len(answer.slots),
        page,
        pages,
        {each.id: said(each) for each in db.session.scalars(select(Person).where(Person.id.in_(people)))},
        [obstacle_in_words(world, each, times) for each, times in answer.obstacles[:OBSTACLES]],
        movers_for(standing, [move.lesson for each in proposals for place in each.places for move in place.moves]),
    )
