"""Where one can go from every page: the rail."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from notices.queries import Unread
from schools.signing_in import current_person
from web.queries import Look, Places, places_of

PLACES = "tongke.places"

MANAGED = frozenset(
    {
        "manage",
        "people",
        "organisation",
        "classes",
        "moving",
        "prep_groups",
        "curriculum",
        "importing",
        "rights",
        "settings",
        "leaving",
        "slips",
        "timetables",
    }
)
"""The blueprints whose pages belong to Manage."""


BINS = frozenset({"lessons.bin", "library.bin"})
"""The pages that are the recycle bin."""


@dataclass(frozen=True)
class Place:
    """An entry of the rail; `here` when the present page belongs to it.

    What is `seldom` wanted stands in the person's menu on a phone, whose bar has room for five.
    """

    name: str
    url: str
    icon: str
    here: bool
    seldom: bool = False


def rail() -> list[Place]:
    """The places of a signed-in person, in the order of a working day."""
    places = _places()
    managing = [_manage()] if places and places.manages else []
    return [
        Place(gettext("今天"), url_for("web.home"), icon="home", here=_is_at("web.home")),
        Place(gettext("备课"), url_for("lessons.list_plans"), icon="notebook", here=_is_at("lessons.")),
        Place(gettext("课表"), url_for("timetable.my_week"), icon="calendar-week", here=_is_at("timetable.")),
        Place(
            gettext("课堂"),
            url_for("live.list_sessions"),
            icon="device-tv",
            here=(request.blueprint or "").startswith("live"),
        ),
        Place(gettext("资源"), url_for("library.list_resources"), icon="books", here=_is_at("library.")),
        *managing,
        Place(gettext("回收站"), url_for("lessons.bin"), icon="trash", here=request.endpoint in BINS, seldom=True),
        Place(gettext("帮助"), url_for("web.help"), icon="help", here=_is_at("web.help"), seldom=True),
    ]


def _manage() -> Place:
    managed = (request.blueprint or "") in MANAGED
    return Place(gettext("管理"), url_for("manage.home"), icon="settings", here=managed, seldom=True)


def _is_at(beginning: str) -> bool:
    """Whether the present page's endpoint begins so; the recycle bin has a place of its own."""
    endpoint = request.endpoint or ""
    return endpoint.startswith(beginning) and endpoint not in BINS


def where_i_am() -> str:
    """The groups and the campuses of the person, in words: 罗溪片区 · 丹江路校区."""
    places = _places()
    return " · ".join(places.names) if places else ""


def look() -> Look | None:
    """How pages look for the person: as their group has set it."""
    places = _places()
    return places.look if places else None


def unread() -> Unread:
    """What the person has not read, for the bell."""
    places = _places()
    return places.unread if places else Unread()


def _places() -> Places | None:
    """Asked once for each page."""
    person = current_person()
    if person is None:
        return None
    kept = request.environ
    if PLACES not in kept:
        kept[PLACES] = places_of(person)
    found: Places = kept[PLACES]
    return found


def here() -> str:
    """The address to come back to after a choice was posted."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("web.home")
