"""The tables of a OneRoster package as rows of our own sheets, so that one dry run serves both."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext

from manage.importing import values
from manage.importing.cells import Cells
from manage.importing.columns import KINDS, Found, Row
from manage.importing.refusing import Fault, Unreadable
from manage.importing.values import ClassName

_STAFF: Final = frozenset(
    {"teacher", "aide", "counselor", "principal", "proctor", "siteAdministrator", "systemAdministrator"}
)
_SCHOOLS: Final = frozenset({"school", "campus"})
_TO_BE_DELETED: Final = "tobedeleted"

Line = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class _Place:
    """A class of the package: the class of a school that it means, and its subject when it is taught there."""

    school: str
    name: str
    written: ClassName
    subject: str


class _Package:
    """The tables by their names."""

    def __init__(self, sheets: Sequence[Cells]) -> None:
        self.tables = {sheet.name: list(_lines(sheet)) for sheet in sheets}
        if "manifest" not in self.tables:
            raise Unreadable(Fault.NO_MANIFEST)
        told = {line.get("propertyName", ""): line.get("value", "") for _, line in self.tables["manifest"]}
        version = told.get("oneroster.version", "")
        if not version.startswith("1.2"):
            raise Unreadable(Fault.OTHER_VERSION, version)
        self.absent = {name.removeprefix("file.") for name, value in told.items() if value == "absent"}
        self.deleted = 0

    def table(self, name: str) -> list[Line]:
        """The lines of a table that are in force."""
        lines = [] if name in self.absent else self.tables.get(name, [])
        kept = [line for line in lines if line[1].get("status", "").lower() != _TO_BE_DELETED]
        self.deleted += len(lines) - len(kept)
        return kept


def find_rows(sheets: Sequence[Cells]) -> Found:
    """The rows that the package means, in the order in which they can be imported; raises `Unreadable`."""
    package = _Package(sheets)
    names = {line["sourcedId"]: line for _, line in package.table("users")}
    places, notes = _places(package)
    rows = [*_campuses(package), *_staff(package, names), *_classes(package, places, names)]
    rows += [*_enrolled(package, places, names)]
    order = {kind.key: place for place, kind in enumerate(KINDS)}
    rows.sort(key=lambda row: order[row.kind])
    if package.deleted:
        notes.append(gettext("有 %(count)s 行标记为删除；导入从不删除，已跳过。", count=package.deleted))
    return Found(rows, notes)


def _lines(sheet: Cells) -> Iterator[Line]:
    if not sheet.rows:
        return
    header = sheet.rows[0][1]
    for number, cells in sheet.rows[1:]:
        line = dict.fromkeys(header, "") | dict(zip(header, cells, strict=False))
        if line.get("sourcedId") or sheet.name == "manifest":
            yield number, line


def _campuses(package: _Package) -> Iterator[Row]:
    for number, line in package.table("orgs"):
        if line.get("type") in _SCHOOLS:
            told = {"name": line.get("name", ""), "code": line.get("identifier", "")[:20]}
            yield Row("campus", "orgs", number, told, given={"sourced_id": line["sourcedId"]})


def _staff(package: _Package, users: dict[str, dict[str, str]]) -> Iterator[Row]:
    seen = set()
    for number, line in package.table("roles"):
        user, org = line.get("userSourcedId", ""), line.get("orgSourcedId", "")
        if line.get("role") not in _STAFF or user not in users or (user, org) in seen:
            continue
        seen.add((user, org))
        told = {
            "name": _name(users[user]),
            "number": _number(users[user]),
            "from_day": line.get("beginDate", ""),
            "to_day": line.get("endDate", ""),
        }
        yield Row("staff", "roles", number, told, given={"sourced_id": user, "campus": org})


def _places(package: _Package) -> tuple[dict[str, _Place], list[str]]:
    courses = {line["sourcedId"]: line for _, line in package.table("courses")}
    places, notes = {}, []
    for number, line in package.table("classes"):
        course = courses.get(line.get("courseSourcedId", ""), {})
        at_home = line.get("classType") == "homeroom"
        subject = (
            "" if at_home else _first(line.get("subjects")) or _first(course.get("subjects")) or course.get("title", "")
        )
        written = _class_in(line.get("title", ""))
        if written is None:
            notes.append(
                gettext(
                    "classes.csv 第 %(row)s 行的“%(title)s”认不出是哪个班，已跳过。", row=number, title=line["title"]
                )
            )
            continue
        places[line["sourcedId"]] = _Place(line.get("schoolSourcedId", ""), written[0], written[1], subject)
    return places, notes


def _class_in(title: str) -> tuple[str, ClassName] | None:
    """The class that a title begins with: 三(2)班 语文."""
    for words in (title, *re.findall(r"^.*?班", title), title.partition(" ")[0]):
        found = values.class_name(words)
        if found is not None:
            return words, found
    return None


def _classes(package: _Package, places: dict[str, _Place], users: dict[str, dict[str, str]]) -> Iterator[Row]:
    """Homerooms, and classes that only stand there as what is taught to them."""
    numbers = {line["sourcedId"]: number for number, line in package.table("classes")}
    heads = {
        line.get("classSourcedId", ""): line.get("userSourcedId", "")
        for _, line in package.table("enrollments")
        if line.get("role") == "teacher" and line.get("primary", "").lower() == "true"
    }
    seen = set()
    for sourced_id, place in sorted(places.items(), key=lambda each: (bool(each[1].subject), numbers[each[0]])):
        if (place.school, place.written) in seen:
            continue
        seen.add((place.school, place.written))
        given = {"campus": place.school}
        told = {"name": place.name}
        if not place.subject:
            given["sourced_id"] = sourced_id
            head = heads.get(sourced_id, "")
            if head in users:
                given["head"], told["head"] = head, _name(users[head])
        yield Row("class", "classes", numbers[sourced_id], told, given=given)


def _enrolled(package: _Package, places: dict[str, _Place], users: dict[str, dict[str, str]]) -> Iterator[Row]:
    homes = {(place.school, place.written): key for key, place in places.items() if not place.subject}
    seen = set()
    for number, line in package.table("enrollments"):
        place, user = places.get(line.get("classSourcedId", "")), line.get("userSourcedId", "")
        role = line.get("role")
        if place is None or user not in users or role not in ("student", "teacher"):
            continue
        subject = place.subject if role == "teacher" else ""
        if (user, place.school, place.written, subject) in seen or (role == "teacher" and not subject):
            continue
        seen.add((user, place.school, place.written, subject))
        given = {"campus": place.school, "class": homes.get((place.school, place.written), "")}
        told = {"name": _name(users[user]), "class": place.name}
        if role == "student":
            told["seat"] = line.get("metadata.seat", "")
            yield Row("pupil", "enrollments", number, told, given=given | {"sourced_id": user})
        else:
            told["subject"] = subject
            yield Row("teaching", "enrollments", number, told, given=given | {"name": user})


def _name(user: dict[str, str]) -> str:
    """A name as it is said: 王敏, but Min Wang."""
    family, given = user.get("familyName", ""), user.get("givenName", "").strip("-")
    return family + given if re.search(r"[\u3400-\u9fff]", family + given) else f"{given} {family}".strip()


def _number(user: dict[str, str]) -> str:
    username = user.get("username", "")
    return user.get("identifier", "") or ("" if "@" in username else username)


def _first(listed: str | None) -> str:
    return next(iter(_parts(listed)), "")


def _parts(listed: str | None) -> Iterable[str]:
    return (part.strip() for part in (listed or "").split(",") if part.strip())
