"""What the pages of live lessons ask of the database does not grow with the lesson or the list."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db, writing
from live.models import Answer, ClassroomRole, LiveClassroom, LiveGuest, LiveSession, RoomRole, SessionState
from schools.models import Campus, Person, Role, Room, RoomKind
from tests.factories import make_campus, make_class, make_person
from tests.lessons.queries_counted import queries_counted
from tests.live.lessons import BEGAN, DAY, make_lesson

Browser = Callable[[Person], FlaskClient]
NOW = BEGAN - timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _that_morning() -> Iterator[None]:
    with travel_to(NOW):
        yield


def grown(session: LiveSession, campuses: Sequence[Campus]) -> None:
    """More campuses with everything that may stand at one, and a guest of each."""
    people = [(make_person(campus), make_person(campus)) for campus in campuses]
    classes = [make_class(campus) for campus in campuses]
    with writing():
        db.session.commit()
        for campus, school_class, (helper, guest) in zip(campuses, classes, people, strict=True):
            room = Room(campus_id=campus.id, name="录播教室", kind=RoomKind.RECORDING, cameras=2)
            db.session.add(room)
            session.classrooms.append(
                LiveClassroom(
                    rank=len(session.classrooms),
                    role=ClassroomRole.LISTENING,
                    answer=Answer.WAITING,
                    campus=campus,
                    school_class=school_class,
                    helper=helper,
                    room=room,
                    starts=540,
                    ends=580,
                )
            )
            session.guests.append(LiveGuest(person=guest, role=RoomRole.OBSERVER))
        db.session.commit()


def asked(browser: FlaskClient, address: str) -> int:
    """How many queries a page takes, when what is the same for all pages has been asked before."""
    browser.get(address)
    with queries_counted() as statements:
        assert browser.get(address).status_code == 200
    return len(statements)


@pytest.mark.parametrize("state", [SessionState.ASKED, SessionState.ENDED])
def test_the_page_of_a_session_takes_the_same_queries_for_three_campuses_and_for_ten(
    signed_in: Browser, state: SessionState
) -> None:
    lead = make_person(roles=[Role.ACADEMIC_OFFICE])
    group = lead.postings[0].campus.memberships[0].group
    session = make_lesson(lead, state=state)
    browser = signed_in(lead)
    grown(session, [make_campus(group) for _ in range(2)])
    few = asked(browser, f"/live/{session.code}")
    grown(session, [make_campus(group) for _ in range(7)])
    assert asked(browser, f"/live/{session.code}") == few
    assert few <= MOST_OF_A_SESSION


def test_a_list_of_thirty_sessions_takes_the_queries_of_one_with_two(signed_in: Browser) -> None:
    lead = make_person(roles=[Role.ACADEMIC_OFFICE])
    browser = signed_in(lead)
    for _ in range(2):
        make_lesson(lead, state=SessionState.SETTLED)
    address = f"/live?day={DAY}"
    few = asked(browser, address)
    for _ in range(28):
        make_lesson(lead, make_person().postings[0].campus, state=SessionState.ASKED)
    assert asked(browser, address) == few
    assert few <= MOST_OF_A_LIST


MOST_OF_A_SESSION = 32
MOST_OF_A_LIST = 16
