"""Who and what rows mean: campuses, teachers, classes and subjects by what schools call them."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext

from manage.importing import plan as looking
from manage.importing import values
from manage.importing.columns import Row
from manage.importing.plan import Plan, Question, Refused, Step, refuse_cell
from manage.importing.records import Record
from manage.importing.texts import plain, tidy
from schools.models import Stage
from schools.names import class_name, grade_name
from schools.years import entry_year_of, school_year_of

NEW = "new"
"""The answer “none of these, somebody new”."""


def campus(plan: Plan, step: Step, allowed: frozenset[int], key: str = "campus") -> Record:
    """The campus that a row names, or the only one there is; raises Refused where the importer may not change it."""
    written = looking.text(step.row, key, 80)
    world = plan.world
    if written or step.row.given.get("campus"):
        found = campus_called(plan, step.row, key, written)
    else:
        within = [each for each in world.campuses.values() if each.id in allowed]
        if len(within) != 1:
            raise Refused(gettext("请填写“%(column)s”。", column=step.row.heading(key)))
        found = within[0]
    step.campus = found
    if found.id is not None and found.id not in allowed:
        raise Refused(gettext("“%(campus)s”的这项资料不归您管，没有导入。", campus=found["name"]))
    if found.id is None and not plan.world.reach.administers_group:
        raise Refused(gettext("“%(campus)s”的这项资料不归您管，没有导入。", campus=found["name"]))
    return found


def campus_called(plan: Plan, row: Row, key: str, written: str) -> Record:
    """The campus of that name, short or former name, or code."""
    sourced = plan.world.sourced.get(("campus", row.given.get("campus", "")))
    if sourced is not None:
        return sourced
    found = plan.world.campuses_by_name.get(plain(written).casefold(), [])
    if not found:
        raise refuse_cell(row, key, gettext("不是本集团校区的名称。"))
    if len(set(found)) > 1:
        raise refuse_cell(row, key, gettext("有几个校区都叫这个名字，请写全称或代码。"))
    return found[0]


def subject(plan: Plan, row: Row) -> Record:
    """The subject that a row names."""
    written = tidy(row.values.get("subject", ""))
    found = plan.world.subjects.get(written) or plan.world.subjects.get(SUBJECTS_ALSO_CALLED.get(written, ""))
    if found is None:
        raise refuse_cell(row, "subject", gettext("不是已有的学科。"))
    return found


SUBJECTS_ALSO_CALLED = {
    "道法": "道德与法治",
    "思政": "思想政治",
    "政治": "思想政治",
    "生物": "生物学",
    "体育": "体育与健康",
    "信息": "信息科技",
    "信息技术": "信息科技",
    "综合实践": "综合实践活动",
    "综合": "综合实践活动",
    "心理": "心理健康",
    "心理健康教育": "心理健康",
    "劳动教育": "劳动",
    "外语": "英语",
}


def teacher(plan: Plan, row: Row, place: Record | None, name_key: str, number_key: str) -> Record | None:
    """The teacher whom a row names by number, or by name at the campus `place`; None where nothing stands.

    Raises Asked where several have the name: it is never guessed.
    """
    sourced = plan.world.sourced.get(("person", row.given.get(name_key, "")))
    if sourced is not None:
        return sourced
    name = looking.name(row, name_key)
    number = looking.number(row, number_key) if number_key in row.values else ""
    if number:
        return _numbered(plan, row, number_key, number, name)
    return teacher_called(plan, row, place, name_key, name) if name else None


def teacher_called(plan: Plan, row: Row, place: Record | None, key: str, name: str) -> Record:
    """The teacher of that name at a campus (anywhere in the group unless given)."""
    known = [each for each in present(plan, plan.world.people_by_name.get(name, ())) if plan.world.postings[each]]
    here = [each for each in known if place is None or place in plan.world.posted_at(each)]
    if len(here) == 1:
        return here[0]
    if here:
        return _one_of(plan, here, f"teacher|{_code(place)}|{name}", name)
    if known:
        where = "、".join(each["name"] for person in known for each in plan.world.posted_at(person))
        raise Refused(
            gettext("“%(name)s”在%(where)s，不在这个校区。请先在“教师”表里登记派驻。", name=name, where=where)
        )
    raise refuse_cell(row, key, gettext("不在老师名单里，请先在“教师”表里登记。"))


def _numbered(plan: Plan, row: Row, key: str, number: str, name: str) -> Record:
    found = plan.world.people_by_number.get(number)
    if found is None or not plan.world.postings[found]:
        raise refuse_cell(row, key, gettext("不是本集团老师的工号，请先在“教师”表里登记。"))
    if name and found["name"] != name:
        raise refuse_cell(row, key, gettext("是“%(other)s”的工号，和姓名对不上。", other=found["name"]))
    return found


def _one_of(plan: Plan, people: Sequence[Record], key: str, name: str) -> Record:
    stored = [each for each in people if each.id is not None]
    if len(stored) < len(people):
        raise Refused(gettext("有几位老师都叫“%(name)s”，请填写工号加以区分。", name=name))
    answer = plan.answer(who(plan, key, name, stored, with_new=False))
    return next(each for each in stored if str(each.id) == answer)


def who(plan: Plan, key: str, name: str, people: Iterable[Record], *, with_new: bool) -> Question:
    """The question which of `people` is meant."""
    options = [(str(each.id), described(plan, each)) for each in people]
    if with_new:
        options.append((NEW, gettext("都不是，是新来的老师")))
    return Question(key, gettext("有不止一位“%(name)s”，请选择是哪一位。", name=name), options)


def described(plan: Plan, person: Record) -> str:
    """Somebody by number and campuses."""
    number = person["staff_number"]
    campuses = "、".join(each["name"] for each in dict.fromkeys(plan.world.posted_at(person)))
    return " · ".join(
        part
        for part in ((number and gettext("工号 %(number)s", number=number)) or gettext("没有工号"), campuses)
        if part
    )


def present(plan: Plan, people: Iterable[Record]) -> list[Record]:
    """Those who have not left."""
    return [each for each in people if each["left_at"] is None]


def _code(place: Record | None) -> str:
    return place["code"] if place is not None else ""


def school_class(plan: Plan, row: Row, place: Record, key: str, written: str) -> Record:
    """The class of a campus that is called so."""
    sourced = plan.world.sourced.get(("class", row.given.get(key, "")))
    if sourced is not None:
        return sourced
    stage, grade, entry_year, number = class_place(plan, row, place, key, written)
    world = plan.world
    if grade is None:
        found = world.classes.get((place, stage, entry_year, number))
    else:
        found = world.classes_by_grade.get((place, stage, grade, number))
    if found is None or found["left_on"] is not None:
        raise Refused(gettext("“%(campus)s”没有“%(name)s”，请先在“班级”表里登记。", campus=place["name"], name=written))
    return found


def class_place(
    plan: Plan, row: Row, place: Record, key: str, written: str
) -> tuple[Stage, int | None, int | None, int]:
    """Stage, grade or entry year, and number of a class as it was written."""
    given = looking.stage(row) if "stage" in row.values else None
    found = values.class_name(written)
    if found is None:
        raise refuse_cell(row, key, gettext("认不出是哪个班，请写成“三(2)班”或“2025级2班”。"))
    if found.grade is None:
        stage = given or _only_stage(place)
        if stage is None:
            raise refuse_cell(row, key, gettext("要在“学段”一栏写明是小学、初中还是高中。"))
        return stage, None, found.entry_year, found.number
    placed = values.placed(found.grade, given, place["stages"])
    if placed is None:
        raise refuse_cell(row, key, gettext("没有这个年级。"))
    return (*placed, None, found.number)


def _only_stage(place: Record) -> Stage | None:
    return Stage(place["stages"][0]) if len(place["stages"]) == 1 else None


def grade_and_year(plan: Plan, stage: Stage, grade: int | None, entry_year: int | None) -> tuple[int, int]:
    """Grade and entry year of a class of this school year, of which one is known."""
    year = school_year_of(plan.world.day)
    if grade is not None:
        return grade, entry_year_of(stage, grade, year)
    first = entry_year_of(stage, 0, year)
    return first - (entry_year or 0), entry_year or 0


def class_words(record: Record) -> str:
    """What a class is called."""
    return class_name(record["stage"], record["grade"], record["number"])


def grade_words(stage: Stage, grade: int | None) -> str:
    """What a grade is called; the whole stage for none."""
    return grade_name(stage, grade) if grade is not None else gettext("整个学段")
