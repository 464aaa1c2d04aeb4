"""Two campuses with bells of their own, that hold lessons together."""

from datetime import UTC, date, datetime

from foundation.database import db, writing
from schools.models import Role, Room, RoomKind
from tests.factories import make_assignment, make_campus, make_class, make_group, make_person, make_subject
from timetable.models import BellSchedule, Period, PeriodKind, Term

DAY = date(2026, 9, 9)  # a Wednesday
NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)


class Campuses:
    """西湖 begins its third lesson at 10:00, 丹江路 ten minutes later. 王芳 teaches here, 李强 there; each has an office."""

    def __init__(self) -> None:
        self.group = make_group("片区")
        self.here = make_campus(self.group, "西湖校区", short_name="西湖")
        self.there = make_campus(self.group, "丹江路校区", short_name="丹江路")
        self.maths = make_subject("数学")
        self.class_here, self.class_there = (make_class(each, grade=5, number=1) for each in (self.here, self.there))
        self.wang, self.li = make_person(self.here, "王芳"), make_person(self.there, "李强")
        self.office_here = make_person(self.here, "教务甲", roles=[Role.ACADEMIC_OFFICE])
        self.office_there = make_person(self.there, "教务乙", roles=[Role.ACADEMIC_OFFICE])
        make_assignment(self.wang, self.class_here, self.maths)
        make_assignment(self.li, self.class_there, self.maths)
        with writing():
            db.session.commit()
            db.session.add(
                Term(
                    group_id=self.group.id,
                    year=2026,
                    semester=1,
                    from_day=date(2026, 9, 1),
                    to_day=date(2027, 1, 20),
                )
            )
            for campus, late in ((self.here, 0), (self.there, 10)):
                bell = BellSchedule(group_id=self.group.id, campus_id=campus.id, name="作息", from_day=date(2020, 1, 1))
                bell.periods = [
                    Period(
                        number=n,
                        label=f"第{n}节",
                        kind=PeriodKind.LESSON,
                        starts=430 + 60 * n - 10 + late,
                        ends=470 + 60 * n - 10 + late,
                    )
                    for n in (1, 2, 3, 4)
                ]
                db.session.add(bell)
            self.rooms = [
                Room(campus_id=campus.id, name="录播教室", kind=RoomKind.RECORDING, cameras=2)
                for campus in (self.here, self.there)
            ]
            db.session.add_all(self.rooms)
            db.session.commit()

    def sheet(self, **more: object) -> dict[str, object]:
        """What the sheet of a lesson sends."""
        return {
            "kind": "same_lesson",
            "title": "分数的意义",
            "subject": self.maths.id,
            "place": [f"k{self.class_here.id}", f"k{self.class_there.id}"],
            "room": [self.rooms[0].id, self.rooms[1].id],
            "helper": ["", ""],
            "day": DAY.isoformat(),
            "period": 3,
            "request_key": "a key of the browser",
        } | more
