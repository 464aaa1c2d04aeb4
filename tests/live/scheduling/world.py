"""Two campuses with other bells, their classes, teachers, rooms and lessons of Wednesday 14 October 2026, to schedule among."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from foundation.codes import new_code
from foundation.database import db
from live.models import ClassroomRole, LiveClassroom, LiveSession, SessionKind, SessionState
from schools.models import Campus, Group, Person, Room, RoomKind, SchoolClass, Subject
from tests.factories import LONG_AGO, make_assignment, make_campus, make_class, make_group, make_person, make_subject
from timetable.models import BellSchedule, Parity, Period, PeriodKind, Term, TimetableEntry

OCTOBER_14 = date(2026, 10, 14)
TERM = (date(2026, 9, 1), date(2027, 1, 23))


@dataclass
class Schools:
    """西湖 and 丹江路. Periods last 40 minutes from 8:20, 9:10, 10:00, 10:50 …; at 丹江路 five minutes later from the fourth on."""

    group: Group
    west: Campus
    river: Campus
    west_class: SchoolClass
    west_other: SchoolClass
    river_class: SchoolClass
    west_room: Room
    river_room: Room
    mathematics: Subject
    english: Subject
    wang: Person
    chen: Person
    li: Person

    def lesson(
        self,
        school_class: SchoolClass,
        weekday: int,
        period: int,
        teacher: Person | None,
        subject: Subject | None = None,
    ) -> TimetableEntry:
        """One lesson of the week, mathematics unless said."""
        entry = TimetableEntry(
            class_id=school_class.id,
            weekday=weekday,
            period=period,
            parity=Parity.EVERY,
            subject_id=(subject or self.mathematics).id,
            person_id=teacher.id if teacher else None,
            from_day=TERM[0],
            to_day=TERM[1],
        )
        db.session.add(entry)
        db.session.commit()
        return entry

    def session(self, starts: int, school_class: SchoolClass, room: Room, day: date = OCTOBER_14) -> LiveSession:
        """A settled session of one class, led by 王老师."""
        begins = (datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai"))).astimezone(UTC)
        begins += timedelta(minutes=starts)
        session = LiveSession(
            code=new_code(10),
            group_id=self.group.id,
            kind=SessionKind.SAME_LESSON,
            state=SessionState.SETTLED,
            title="分数",
            lead_id=self.wang.id,
            day=day,
            starts=starts,
            ends=starts + 40,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=40),
        )
        session.classrooms.append(
            LiveClassroom(
                role=ClassroomRole.MAIN,
                campus_id=school_class.campus_id,
                class_id=school_class.id,
                room_id=room.id,
                starts=starts,
                ends=starts + 40,
            )
        )
        db.session.add(session)
        db.session.commit()
        return session


def make_schools() -> Schools:
    """Both classes have mathematics in the third period of Wednesday, and English in the first."""
    group = make_group()
    west, river = (make_campus(group, name, uplink_mbps=50.0) for name in ("西湖", "丹江路"))
    west_class = make_class(west, grade=5, number=1)
    west_other = make_class(west, grade=5, number=2)
    river_class = make_class(river, grade=5, number=1)
    for each in (west_class, west_other, river_class):
        each.name = each.name.replace("5（", "五(").replace("）", ")")
    mathematics, english = make_subject("数学"), make_subject("英语")
    wang, li = make_person(west, "王老师"), make_person(west, "李老师")
    chen = make_person(river, "陈老师")
    rooms = [Room(campus_id=campus.id, name="录播教室", kind=RoomKind.RECORDING, cameras=2) for campus in (west, river)]
    db.session.add_all(rooms)
    db.session.add(Term(group_id=group.id, year=2026, semester=1, from_day=TERM[0], to_day=TERM[1]))
    for campus, late in ((None, 0), (river, 5)):
        db.session.add(
            BellSchedule(
                group_id=group.id,
                campus_id=campus.id if campus else None,
                name="作息",
                from_day=LONG_AGO,
                periods=[_period(number, late) for number in range(1, 8)],
            )
        )
    db.session.commit()
    schools = Schools(
        group, west, river, west_class, west_other, river_class, *rooms, mathematics, english, wang, chen, li
    )
    for school_class, teacher in ((west_class, wang), (river_class, chen)):
        make_assignment(teacher, school_class, mathematics)
        schools.lesson(school_class, 3, 3, teacher)
        schools.lesson(school_class, 3, 1, li if school_class is west_class else None, english)
    return schools


def _period(number: int, late: int) -> Period:
    starts = 450 + number * 50 + (late if number > 3 else 0)
    return Period(number=number, label=f"第{number}节", kind=PeriodKind.LESSON, starts=starts, ends=starts + 40)
