"""The demo group: four campuses of one 教育集团 with their people, classes, textbooks and lesson plans, all invented.

What stands in it lies in `demo_content/`: TOML for people and places, one Markdown file for each plan.
"""

import hashlib
import random
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any, Final

from flask import current_app
from flask_babel import get_locale, gettext
from pycrdt import Map
from sqlalchemy.exc import IntegrityError

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.clock import SCHOOL_ZONE, now, today
from foundation.codes import new_code
from foundation.config import Settings
from foundation.database import commit, db, writing
from foundation.errors import Conflict
from lessons.actions import Where, add_plan
from lessons.coediting import document_of
from lessons.files import count_uses
from lessons.models import Plan, PlanResource, PlanState, PlanUpdate, PlanWriter
from lessons.text.markdown import markdown_to_plan
from library.kinds import media_type_of
from library.models import (
    Collection,
    CollectionItem,
    Licence,
    Resource,
    ResourceKind,
    ResourceVersion,
    Review,
)
from library.storage import the_store
from library.storage.base import new_key
from library.terms import recent_terms
from schools import audit
from schools.models import (
    Campus,
    Division,
    Enrolment,
    Group,
    GroupKind,
    MemberKind,
    Membership,
    OrgUnit,
    OrgUnitMember,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    PrepGroupPick,
    Pupil,
    Role,
    RoleGrant,
    Room,
    RoomKind,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
    Title,
    Visibility,
)
from schools.names import GRADES_OF_STAGE
from schools.passwords import hash_password
from schools.queries import any_group
from web.demo_files import file_named
from web.demo_live import Place as SessionPlace
from web.demo_live import make_sessions
from web.demo_timetable import Place, make_timetable

CONTENT: Final = Path(__file__).with_name("demo_content")

FIXED_PASSWORD: Final = "yiqibeike"  # noqa: S105 — 一起备课; meant to be known, see `make_demo`
_SEED: Final = 20260901
_NUMERALS: Final = "〇一二三四五六七八九"
_YEARS_OF_SERVICE: Final = 4

Table = Mapping[str, Any]
"""A table of a TOML file."""


@dataclass(frozen=True)
class DemoAccount:
    """Somebody worth signing in as; `sees` says what this account shows."""

    name: str
    staff_number: str
    place: str
    sees: str


@dataclass(frozen=True)
class DemoAccounts:
    """Who can sign in to the demo, all with one password: `accounts` show the most, `others` are so many more."""

    password: str
    accounts: tuple[DemoAccount, ...]
    others: int


def make_demo() -> DemoAccounts:
    """Fill an empty installation with the demo group, wholly or not at all.

    The password is a fixed one where the settings say that the installation is a throw-away demo which listens to this machine
    only; anywhere else it is drawn anew, kept as a hash, and known to nobody but the caller. Raises Conflict when there is a
    group already.
    """
    password = _password(current_app.config["SETTINGS"])
    with writing():
        try:
            demo = _Demo(today())
            demo.make(hash_password(password))
            commit()
        except BaseException:
            db.session.rollback()
            raise
    return DemoAccounts(password, tuple(demo.accounts()), len(demo.people) - len(tuple(demo.accounts())))


def print_accounts(accounts: DemoAccounts) -> None:
    """Print who can sign in, for whoever started the demo in a terminal."""
    print(gettext("演示集团已建好。以下账号的密码都是：%(password)s", password=accounts.password))
    print()
    for account in accounts.accounts:
        print(
            f"  {account.staff_number}  {account.name.ljust(4, '　')}  {account.place.ljust(5, '　')}  {account.sees}"
        )
    print()
    print(gettext("其余 %(count)s 位老师也可以用姓名或工号和同一密码登录。", count=accounts.others), flush=True)


def _password(settings: Settings) -> str:
    if settings.demo and settings.host in ("127.0.0.1", "::1", "localhost"):
        return FIXED_PASSWORD
    return "-".join(new_code(4) for _ in range(3))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))


@dataclass
class _Demo:
    """The demo while it is being made: everything by the name that the content files give it."""

    day: date
    group: Group = field(init=False)
    campuses: dict[str, Campus] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    divisions: dict[str, Division] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    classes: dict[str, SchoolClass] = field(default_factory=dict)
    prep_groups: dict[str, PrepGroup] = field(default_factory=dict)
    topics: dict[tuple[str, int, str], LessonTopic] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    shown: list[Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.year = self.day.year - (1 if self.day.month < 8 else 0)
        self.year_began = min(date(self.year, 9, 1), self.day)

    def make(self, password_hash: str) -> None:
        """Make everything, uncommitted. Parts that others point to come first."""
        structure, people = _read("group.toml"), _read("people.toml")["person"]
        self._make_group(structure["group"])
        self._make_campuses(structure["campus"])
        self._make_subjects(structure["subject"], structure["division"])
        db.session.flush()
        for person in people:
            self._make_person(person, password_hash)
        db.session.flush()
        for person in people:
            self._post(person)
        self._make_rooms(structure["room"])
        self._make_units(structure["unit"])
        self._make_classes(structure["class"])
        db.session.flush()
        for person in people:
            self._assign(person)
        self._make_prep_groups(structure["prep_group"])
        make_timetable(_read("timetable.toml"), Place(self.group, self.campuses, self.year, self.day))
        self._make_textbooks(_read("textbooks.toml")["edition"])
        db.session.flush()
        for plan in _read("plans.toml")["plan"]:
            self._make_plan(plan)
        library = _read("resources.toml")
        for resource in library["resource"]:
            self._make_resource(resource)
        for collection in library["collection"]:
            self._make_collection(collection)
        db.session.flush()
        make_sessions(_read("live.toml"), SessionPlace(self.day, self.people, self.classes, self.campuses, self.plans))
        count_uses([resource.id for resource in self.resources.values()])
        self._write_down_roles()

    def accounts(self) -> Iterable[DemoAccount]:
        """The people whose entry says what they show."""
        chinese = str(get_locale() or "zh").startswith("zh")
        for person in self.shown:
            campus = self.campuses.get(self.homes[person["number"]])
            place = campus.short_name if campus else gettext("集团外")
            yield DemoAccount(person["name"], person["number"], place, person["show" if chinese else "show_en"])

    def _make_group(self, table: Table) -> None:
        if any_group():
            raise Conflict(gettext("这里已经建有集团。演示集团只能建在空的系统里。"))
        self.group = Group(
            name=table["name"],
            kind=GroupKind(table["kind"]),
            lesson_minutes=table["lesson_minutes"],
            from_day=date(self.year - 5, 9, 1),
        )
        db.session.add(self.group)
        try:
            db.session.flush()
        except IntegrityError as taken:  # somebody else was quicker by a moment
            raise Conflict(gettext("这里已经建有集团。演示集团只能建在空的系统里。")) from taken

    def _make_campuses(self, tables: Iterable[Table]) -> None:
        for rank, table in enumerate(tables):
            words = {key: value for key, value in table.items() if key != "kind"}
            campus = self.campuses[table["code"]] = Campus(**words)
            joined = date(self.year - 5 + rank, 9, 1)
            db.session.add(Membership(group=self.group, campus=campus, kind=MemberKind(table["kind"]), from_day=joined))

    def _make_subjects(self, subjects: Iterable[Table], divisions: Iterable[Table]) -> None:
        for rank, table in enumerate(subjects):
            self.subjects[table["code"]] = Subject(rank=rank, **table)
        for table in divisions:
            self.divisions[table["name"]] = Division(
                group_id=self.group.id,
                name=table["name"],
                grades=table["grades"],
                campuses=[self.campuses[code] for code in table["campuses"]],
            )
        db.session.add_all([*self.subjects.values(), *self.divisions.values()])

    def _make_person(self, table: Table, password_hash: str) -> None:
        person = Person(name=table["name"], staff_number=table["number"], password_hash=password_hash)
        self.people[table["number"]] = person
        stays = "until" not in table
        self.homes[table["number"]] = table.get("campus", "") if stays else table["also"][0]["campus"]
        if "show" in table:
            self.shown.append(table)
        db.session.add(person)

    def _post(self, table: Table) -> None:
        """Postings, honours and roles of one person."""
        person = self.people[table["number"]]
        since = date(self.year - _YEARS_OF_SERVICE, 9, 1)
        if "campus" in table:
            db.session.add(
                Posting(
                    person=person,
                    campus=self.campuses[table["campus"]],
                    share_percent=table.get("posted", 100),
                    from_day=since,
                    to_day=self._day(table.get("until")),
                )
            )
        for other in table.get("also", ()):
            db.session.add(
                Posting(
                    person=person,
                    campus=self.campuses[other["campus"]],
                    kind=PostingKind(other["kind"]),
                    share_percent=other["share"],
                    from_day=self.day + timedelta(days=other["from"]),
                    to_day=self._day(other.get("to")),
                )
            )
        db.session.add_all(Title(person_id=person.id, name=name, from_day=since) for name in table.get("titles", ()))
        db.session.add_all(self._grant(person, role, since) for role in table.get("roles", ()))

    def _write_down_roles(self) -> None:
        """As if the administrator of the group had given them."""
        grants = db.session.scalars(db.select(RoleGrant).where(RoleGrant.role != Role.TEACHER)).all()
        administrator = next(grant.person for grant in grants if grant.role is Role.GROUP_ADMIN)
        for grant in grants:
            audit.record(
                administrator,
                "grant_made",
                "person",
                grant.person,
                campus_id=grant.campus_id,
                group_id=self.group.id,
                role=grant.role.value,
                from_day=grant.from_day.isoformat(),
            )

    def _grant(self, person: Person, table: Table, since: date) -> RoleGrant:
        campus = self.campuses[table["campus"]] if "campus" in table else None
        return RoleGrant(
            person=person,
            role=Role(table["role"]),
            group_id=None if campus else self.group.id,
            campus_id=campus.id if campus else None,
            division_id=self.divisions[table["division"]].id if "division" in table else None,
            subject_id=self.subjects[table["subject"]].id if "subject" in table else None,
            from_day=since,
        )

    def _make_rooms(self, tables: Iterable[Table]) -> None:
        for table in tables:
            db.session.add(
                Room(
                    campus_id=self.campuses[table["campus"]].id,
                    name=table["name"],
                    kind=RoomKind(table["kind"]),
                    seats=table["seats"],
                    cameras=table["cameras"],
                )
            )

    def _make_units(self, tables: Iterable[Table]) -> None:
        """Departments and committees; those that others lie below come first."""
        made: dict[str, OrgUnit] = {}
        for table in tables:
            campus = self.campuses.get(table.get("campus", ""))
            unit = made[table["name"]] = OrgUnit(
                group_id=None if campus else self.group.id,
                campus_id=campus.id if campus else None,
                parent_id=made[table["below"]].id if "below" in table else None,
                name=table["name"],
                kind=table["kind"],
                duties=table["duties"],
            )
            db.session.add(unit)
            db.session.flush()
            db.session.add_all(
                OrgUnitMember(
                    org_unit_id=unit.id,
                    person_id=self.people[member["person"]].id,
                    duty=member["duty"],
                    from_day=self.year_began,
                )
                for member in table.get("members", ())
            )

    def _make_classes(self, tables: Iterable[Table]) -> None:
        names = _PupilNames(_read("pupils.toml"))
        for table in tables:
            grade, number = table["grade"], table["number"]
            stage = Stage.JUNIOR if grade in GRADES_OF_STAGE[Stage.JUNIOR] else Stage.PRIMARY
            school_class = SchoolClass(
                campus=self.campuses[table["campus"]],
                stage=stage,
                entry_year=self.year - (grade - GRADES_OF_STAGE[stage].start),
                grade=grade,
                number=number,
                name=f"{_NUMERALS[grade]}({number})班",
                homeroom_teacher_id=self.people[table["homeroom"]].id,
            )
            self.classes[f"{table['campus']} {grade}({number})"] = school_class
            db.session.add(school_class)
            db.session.flush()
            self._enrol(school_class, names.draw(table["pupils"], table.get("named", ())))

    def _enrol(self, school_class: SchoolClass, names: Iterable[str]) -> None:
        since = min(date(school_class.entry_year, 9, 1), self.day)
        db.session.add_all(
            Pupil(name=name, enrolments=[Enrolment(class_id=school_class.id, seat=seat, from_day=since)])
            for seat, name in enumerate(names, start=1)
        )

    def _assign(self, table: Table) -> None:
        """What one person teaches: lines such as `zongxiao 3(2) chinese`."""
        for line in table.get("teaches", ()):
            class_name, _, subject = line.rpartition(" ")
            db.session.add(
                TeachingAssignment(
                    person_id=self.people[table["number"]].id,
                    class_id=self.classes[class_name].id,
                    subject_id=self.subjects[subject].id,
                    from_day=self.year_began,
                )
            )

    def _make_prep_groups(self, tables: Iterable[Table]) -> None:
        for table in tables:
            prep_group = PrepGroup(
                group_id=self.group.id,
                name=table["name"],
                subject=self.subjects[table["subject"]],
                stage=Stage(table.get("stage", "primary")),
                grade=table.get("grade"),
                whole_group="campuses" not in table,
                campuses=[self.campuses[code] for code in table.get("campuses", ())],
            )
            self.prep_groups[table["code"]] = prep_group
            db.session.add(prep_group)
            db.session.flush()
            db.session.add(
                RoleGrant(
                    person=self.people[table["lead"]],
                    role=Role.PREP_LEAD,
                    prep_group_id=prep_group.id,
                    from_day=self.year_began,
                )
            )
            db.session.add_all(
                PrepGroupPick(prep_group_id=prep_group.id, person_id=self.people[number].id, from_day=self.year_began)
                for number in table.get("picked", ())
            )

    def _make_textbooks(self, tables: Iterable[Table]) -> None:
        for table in tables:
            edition = TextbookEdition(
                subject=self.subjects[table["subject"]],
                stage=Stage(table["stage"]),
                name=table["name"],
                publisher=table["publisher"],
            )
            db.session.add(edition)
            for rank, volume in enumerate(table["volume"]):
                edition.volumes.append(self._volume(volume, rank, table))

    def _volume(self, table: Table, rank: int, edition: Table) -> TextbookVolume:
        volume = TextbookVolume(name=table["name"], grade=table["grade"], semester=table["semester"], rank=rank)
        for unit_rank, words in enumerate(table["units"]):
            unit = Unit(title=words["title"], theme=words.get("theme", ""), rank=unit_rank)
            volume.units.append(unit)
            for topic_rank, title in enumerate(words["topics"]):
                topic = LessonTopic(title=title, periods=edition["periods"], rank=topic_rank)
                unit.topics.append(topic)
                self.topics[edition["subject"], table["grade"], f"{words['title']}/{title}"] = topic
        return volume

    def _make_plan(self, table: Table) -> None:
        owner = self.people[table["owner"]]
        content = markdown_to_plan((CONTENT / "plans" / f"{table['file']}.md").read_text(encoding="utf-8"))
        prep_group = self.prep_groups[table["prep_group"]] if "prep_group" in table else None
        subject = self.subjects[table["subject"]]
        plan = add_plan(
            owner,
            Where(
                group_id=self.group.id,
                campus_id=self.campuses[self.homes[table["owner"]]].id,
                subject_id=subject.id,
                prep_group_id=prep_group.id if prep_group else None,
                topic_id=self.topics[subject.code, table["grade"], table["topic"]].id,
                visibility=Visibility(table["visibility"]),
                state=PlanState(table["state"]),
            ),
            content,
        )
        self.plans[table["file"]] = plan
        made, changed = self._moment(table["made"]), self._moment(table["changed"])
        plan.made_at, plan.changed_at = made, changed if changed > made else min(made + timedelta(minutes=30), now())
        plan.writers = [PlanWriter(person_id=self.people[number].id) for number in table.get("writers", ())]
        for update in db.session.scalars(db.select(PlanUpdate).where(PlanUpdate.plan_id == plan.id)):
            update.made_at = plan.changed_at

    def _make_resource(self, table: Table) -> None:
        """A resource with its file in the store; one whose `wanted` is more waits for its reviewer."""
        owner, data, made_at = self.people[table["owner"]], file_named(table["file"]), self._moment(table["made"])
        topic = self.topics[table["subject"], table["grade"], table["topic"]]
        wanted = Visibility(table["wanted"]) if "wanted" in table else None
        resource = self.resources[table["file"]] = Resource(
            code=new_code(10),
            title=table["title"],
            kind=ResourceKind(table["kind"]),
            owner=owner,
            group=self.group,
            campus=self.campuses[self.homes[table["owner"]]],
            prep_group=self.prep_groups[table["prep_group"]],
            subject=self.subjects[table["subject"]],
            stage=topic.unit.volume.edition.stage,
            grade=table["grade"],
            topic=topic,
            term=recent_terms(self.day)[1],
            tags=table.get("tags", []),
            language=table.get("language", "zh"),
            licence=Licence(table.get("licence", Licence.WITHIN_GROUP)),
            source=table.get("source", ""),
            note=table.get("note", ""),
            visibility=Visibility(table["visibility"]),
            wanted=wanted,
            made_at=made_at,
            changed_at=made_at,
        )
        db.session.add(resource)
        db.session.flush()
        if wanted:
            db.session.add(Review(resource_id=resource.id, wanted=wanted, asked_by=owner, made_at=made_at))
        if "plan" in table:
            plan = self.plans[table["plan"]]
            steps = sorted(document_of(plan.id).get("steps", type=Map).items(), key=lambda item: item[1]["order"])
            step = steps[table.get("step", 0)][0]
            db.session.add(PlanResource(plan_id=plan.id, resource_id=resource.id, step_id=step, person_id=owner.id))
        key = new_key(PurePath(table["file"]).suffix)
        the_store().put(key, BytesIO(data))
        resource.versions.append(
            ResourceVersion(
                number=1,
                key=key,
                name=table["file"],
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                media_type=media_type_of(table["file"]),
                person_id=owner.id,
                made_at=made_at,
            )
        )

    def _make_collection(self, table: Table) -> None:
        collection = Collection(
            code=new_code(10),
            title=table["title"],
            note=table["note"],
            owner=self.people[table["owner"]],
            group_id=self.group.id,
            campus=self.campuses[self.homes[table["owner"]]],
            prep_group=self.prep_groups[table["prep_group"]],
            visibility=Visibility(table["visibility"]),
            items=[
                CollectionItem(resource=self.resources[name], rank=rank) for rank, name in enumerate(table["holds"])
            ],
        )
        db.session.add(collection)

    def _day(self, days: int | None) -> date | None:
        return None if days is None else self.day + timedelta(days=days)

    def _moment(self, words: str) -> datetime:
        """`3 16:20`: three days ago at twenty past four, school time; a day earlier if that is still to come."""
        days, _, clock = words.partition(" ")
        day = self.day - timedelta(days=int(days))
        moment = datetime.combine(day, time.fromisoformat(clock), SCHOOL_ZONE)
        return moment if moment < now() else moment - timedelta(days=1)


class _PupilNames:
    """Names drawn by a fixed seed, none twice in the whole group: the same ones in every installation."""

    def __init__(self, table: Table) -> None:
        self._random = random.Random(_SEED)  # noqa: S311 — for names, not for secrets
        self._surnames: str = table["surnames"]
        self._rare: list[str] = table["rare_surnames"]
        self._given: list[str] = table["given_names"]
        self._taken: set[str] = set()

    def draw(self, count: int, named: Iterable[str]) -> list[str]:
        """The names of one class in the order of the seats; those `named` sit somewhere among the others."""
        names = list(named)
        self._taken.update(names)
        while len(names) < count:
            name = self._name()
            if name not in self._taken:
                self._taken.add(name)
                names.append(name)
        self._random.shuffle(names)
        return names

    def _name(self) -> str:
        rare = self._random.random() < 0.02
        surname = self._random.choice(self._rare if rare else self._surnames)
        return surname + self._random.choice(self._given)
