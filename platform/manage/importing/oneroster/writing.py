"""Our rosters as a OneRoster package: every record keeps its sourcedId from one export to the next."""

import csv
import io
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import insert, select

from foundation.database import db
from manage.importing.access import Reach
from schools.models import (
    Campus,
    Enrolment,
    Person,
    Posting,
    PostingKind,
    Pupil,
    SchoolClass,
    SourcedId,
    Subject,
    TeachingAssignment,
)
from schools.names import class_name
from schools.years import FIRST_MONTH, school_year_of

PACKAGE: Final = "oneroster.zip"
_ABSENT: Final = (
    "categories", "classResources", "courseResources", "demographics", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip
_COLUMNS: Final = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
    "sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,"
    "endDate,metadata.seat",
}  # fmt: skip
_LONG_SURNAMES: Final = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "端木",
    "东方",
)
_NAMESPACE: Final = uuid.UUID("6f0f4f6e-2f0b-4f6c-9f5e-7c1d5a3b8e21")

Lines = list[dict[str, Any]]


class _Names:
    """The sourcedIds of our records: those that other systems gave, and new ones for the rest."""

    def __init__(self) -> None:
        rows = db.session.execute(
            select(SourcedId.kind, SourcedId.record_id, SourcedId.sourced_id).order_by(SourcedId.id)
        )
        self.known = {(kind, record_id): sourced_id for kind, record_id, sourced_id in rows}
        self.new: list[dict[str, Any]] = []

    def of(self, kind: str, record_id: int) -> str:
        """The sourcedId of a record."""
        if (kind, record_id) not in self.known:
            self.known[kind, record_id] = str(uuid.uuid4())
            self.new.append({"kind": kind, "record_id": record_id, "sourced_id": self.known[kind, record_id]})
        return str(self.known[kind, record_id])

    def keep(self) -> None:
        """Remember the new ones."""
        if self.new:
            db.session.execute(insert(SourcedId), self.new)


def write_package(reach: Reach, day: date) -> tuple[bytes, int]:
    """The rosters of the campuses that somebody administers, as a .zip, and how many pupils are in it. The caller commits."""
    names = _Names()
    group = names.of("group", reach.group_id)
    tables: dict[str, Lines] = {name: [] for name in _COLUMNS}
    sessions = _sessions(tables, group, day)
    _orgs(tables, reach, names, group)
    _people(tables, reach, names, day)
    classes = _classes(tables, reach, names, group, sessions)
    _teaching(tables, names, classes, group, sessions, day)
    pupils = _pupils(tables, names, classes, day)
    names.keep()
    return _zipped(tables), pupils


def _made(*parts: object) -> str:
    """The sourcedId of something that is no record of ours: the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


def _sessions(tables: dict[str, Lines], group: str, day: date) -> tuple[str, str]:
    """The school year and its two terms; gives back the year's and all terms' sourcedIds."""
    year = school_year_of(day)
    whole = _made(group, "year", year)
    spans = (
        ("schoolYear", f"{year}—{year + 1}学年", whole, "", date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1)),
        ("term", "上学期", _made(whole, 1), whole, date(year, FIRST_MONTH, 1), date(year + 1, 2, 1)),
        ("term", "下学期", _made(whole, 2), whole, date(year + 1, 2, 1), date(year + 1, FIRST_MONTH, 1)),
    )
    for kind, title, sourced_id, parent, start, end in spans:
        tables["academicSessions"].append(
            {"sourcedId": sourced_id, "title": title, "type": kind, "startDate": start.isoformat(),
             "endDate": end.isoformat(), "parentSourcedId": parent, "schoolYear": year + 1}
        )  # fmt: skip
    return whole, f"{_made(whole, 1)},{_made(whole, 2)}"


def _orgs(tables: dict[str, Lines], reach: Reach, names: _Names, group: str) -> None:
    tables["orgs"].append({"sourcedId": group, "name": reach.group_name, "type": "district"})
    campuses = db.session.execute(
        select(Campus.id, Campus.name, Campus.code).where(Campus.id.in_(reach.administered)).order_by(Campus.id)
    )
    for campus_id, name, code in campuses:
        sourced_id = names.of("campus", campus_id)
        tables["orgs"].append(
            {"sourcedId": sourced_id, "name": name, "type": "school", "identifier": code, "parentSourcedId": group}
        )


def _people(tables: dict[str, Lines], reach: Reach, names: _Names, day: date) -> None:
    rows = db.session.execute(
        select(
            Person.id, Person.name, Person.staff_number,
            Posting.id, Posting.campus_id, Posting.kind, Posting.from_day, Posting.to_day,
        )
        .join(Posting, Posting.person_id == Person.id)
        .where(Posting.campus_id.in_(reach.administered), Posting.holding_on(day))
        .order_by(Person.id, Posting.kind != PostingKind.HOME, Posting.id)
    )  # fmt: skip
    seen = set()
    for person_id, name, number, posting_id, campus_id, _, from_day, to_day in rows:
        user, org = names.of("person", person_id), names.of("campus", campus_id)
        if user not in seen:
            tables["users"].append(_user(user, name, org, number or "", number or user))
        tables["roles"].append(
            {"sourcedId": _made(user, posting_id), "userSourcedId": user, "role": "teacher", "orgSourcedId": org,
             "roleType": "secondary" if user in seen else "primary", "beginDate": from_day.isoformat(),
             "endDate": to_day.isoformat() if to_day else ""}
        )  # fmt: skip
        seen.add(user)


def _user(sourced_id: str, name: str, org: str, identifier: str, username: str) -> dict[str, Any]:
    family, given = _parted(name)
    return {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "username": username,
        "givenName": given,
        "familyName": family,
        "identifier": identifier,
        "primaryOrgSourcedId": org,
    }


def _parted(name: str) -> tuple[str, str]:
    """Family and given name; a name of one part has “-” for the other, which the format wants filled."""
    if " " in name:
        given, _, family = name.rpartition(" ")
        return family, given
    length = 2 if name.startswith(_LONG_SURNAMES) and len(name) > 2 else 1
    return name[:length], name[length:] or "-"


def _classes(
    tables: dict[str, Lines], reach: Reach, names: _Names, group: str, sessions: tuple[str, str]
) -> dict[int, dict[str, Any]]:
    """The homerooms with their head teachers; gives back each by the number of its class."""
    course = _made(group, "homeroom")
    tables["courses"].append(
        {"sourcedId": course, "schoolYearSourcedId": sessions[0], "title": "行政班", "orgSourcedId": group}
    )
    found = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.campus_id.in_(reach.administered), SchoolClass.left_on.is_(None))
        .order_by(SchoolClass.campus_id, SchoolClass.stage, SchoolClass.grade, SchoolClass.number)
    )
    homerooms = {}
    for each in found:
        line = {
            "sourcedId": names.of("class", each.id),
            "title": class_name(each.stage, each.grade, each.number),
            "grades": f"{each.grade:02}",
            "courseSourcedId": course,
            "classType": "homeroom",
            "schoolSourcedId": names.of("campus", each.campus_id),
            "termSourcedIds": sessions[1],
        }
        homerooms[each.id] = line
        tables["classes"].append(line)
        if each.homeroom_teacher_id is not None and ("person", each.homeroom_teacher_id) in names.known:
            head = names.of("person", each.homeroom_teacher_id)
            tables["enrollments"].append(_enrolled(line, head, "teacher", primary="true"))
    return homerooms


def _teaching(
    tables: dict[str, Lines],
    names: _Names,
    homerooms: dict[int, dict[str, Any]],
    group: str,
    sessions: tuple[str, str],
    day: date,
) -> None:
    """What is taught: a course for each subject, a class for each subject of a homeroom."""
    rows = db.session.execute(
        select(TeachingAssignment, Subject)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.class_id.in_(homerooms), TeachingAssignment.holding_on(day))
        .order_by(Subject.rank, TeachingAssignment.class_id, TeachingAssignment.id)
    )
    courses, taught = {}, {}
    for assignment, subject in rows:
        if ("person", assignment.person_id) not in names.known:
            continue
        course = _made(group, "course", subject.code)
        courses[course] = {
            "sourcedId": course, "schoolYearSourcedId": sessions[0], "title": subject.name, "courseCode": subject.code,
            "orgSourcedId": group, "subjects": subject.name, "subjectCodes": subject.code,
        }  # fmt: skip
        home = homerooms[assignment.class_id]
        key = _made(home["sourcedId"], subject.code)
        taught[key] = {
            **home, "sourcedId": key, "title": f"{home['title']} {subject.name}", "courseSourcedId": course,
            "classType": "scheduled", "subjects": subject.name, "subjectCodes": subject.code,
        }  # fmt: skip
        teacher = names.of("person", assignment.person_id)
        tables["enrollments"].append(_enrolled(taught[key], teacher, "teacher", assignment.from_day, "false"))
    tables["courses"] += courses.values()
    tables["classes"] += taught.values()


def _pupils(tables: dict[str, Lines], names: _Names, homerooms: dict[int, dict[str, Any]], day: date) -> int:
    rows = db.session.execute(
        select(Pupil.id, Pupil.name, Enrolment.class_id, Enrolment.seat, Enrolment.from_day)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id.in_(homerooms), Enrolment.holding_on(day))
        .order_by(Enrolment.class_id, Enrolment.seat, Pupil.id)
    ).all()
    seen = set()
    for pupil_id, name, class_id, seat, from_day in rows:
        user, home = names.of("pupil", pupil_id), homerooms[class_id]
        org = home["schoolSourcedId"]
        if user not in seen:
            tables["users"].append(_user(user, name, org, "", user))
            tables["roles"].append(
                {"sourcedId": _made(user, "student"), "userSourcedId": user, "role": "student", "roleType": "primary",
                 "orgSourcedId": org}
            )  # fmt: skip
            seen.add(user)
        tables["enrollments"].append(
            {**_enrolled(home, user, "student", from_day, ""), "metadata.seat": "" if seat is None else seat}
        )
    return len(seen)


def _enrolled(
    place: dict[str, Any], user: str, role: str, from_day: date | None = None, primary: str = ""
) -> dict[str, Any]:
    return {
        "sourcedId": _made(place["sourcedId"], user, role),
        "classSourcedId": place["sourcedId"],
        "schoolSourcedId": place["schoolSourcedId"],
        "userSourcedId": user,
        "role": role,
        "primary": primary,
        "beginDate": from_day.isoformat() if from_day else "",
    }


def _zipped(tables: dict[str, Lines]) -> bytes:
    manifest = [
        ("manifest.version", "1.0"),
        ("oneroster.version", "1.2"),
        *sorted([*((f"file.{name}", "bulk") for name in tables), *((f"file.{name}", "absent") for name in _ABSENT)]),
        ("source.systemName", "Tongke"),
        ("source.systemCode", "tongke"),
    ]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("manifest.csv", _csv(("propertyName", "value"), manifest))
        for name, lines in tables.items():
            columns = _COLUMNS[name].split(",")
            rows = ([line.get(column, "") for column in columns] for line in lines)
            opened.writestr(f"{name}.csv", _csv(columns, rows))
    return package.getvalue()


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue()
