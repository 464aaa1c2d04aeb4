"""The demo group is complete, sensible and safe to leave lying about."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import func, make_url, select

from app import create_app
from curriculum.models import LessonTopic, TextbookEdition
from foundation.clock import now, today
from foundation.config import Settings
from foundation.database import db, set_writing
from foundation.errors import Conflict
from lessons.access import may_edit_plan, may_read_plan
from lessons.coediting import document_of
from lessons.models import Plan, PlanState
from lessons.text.content import Node, PlanContent, StepContent, plain_text
from lessons.text.document import build_plan, read_plan
from lessons.text.markdown import markdown_to_plan, plan_to_markdown
from lessons.text.schema import SECTIONS
from schools.access import standing_of
from schools.models import (
    Campus,
    Enrolment,
    Group,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    Subject,
    Visibility,
)
from schools.passwords import fault_of_password
from tests.databases import SqliteFiles
from web import demo
from web.demo import DemoAccounts, make_demo, print_accounts

PLAN_FILES = sorted((demo.CONTENT / "plans").glob("*.md"))
HALF_FINISHED = {"kexue_shui", "shuxue_sanjiaoxing", "yuwen_xiaoxiaodechuan"}
COMPLETE_FILES = [file for file in PLAN_FILES if file.stem not in HALF_FINISHED]
SECTIONS_WRITTEN_BEFORE_CLASS = set(SECTIONS) - {"reflection", "other"}


@pytest.fixture(scope="module")
def made_once(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, DemoAccounts]]:
    """Where the demo was made, for all tests, and its accounts."""
    with sqlite_files.fresh() as address:
        settings = Settings(data_dir=tmp_path_factory.mktemp("demo"), database_url=address, secret_key="only for tests")
        app = create_app(settings)
        with app.app_context(), force_locale("zh_Hans"):
            accounts = make_demo()
            db.session.remove()
            db.engine.dispose()
        yield settings, accounts


@pytest.fixture
def made(made_once: tuple[Settings, DemoAccounts], app: Flask, settings: Settings) -> Iterator[DemoAccounts]:
    """The accounts of the demo, of which the test has a copy."""
    there, accounts = made_once
    shutil.copytree(there.data_dir, settings.data_dir, dirs_exist_ok=True)
    shutil.copyfile(make_url(there.database).database, make_url(settings.database).database)
    with force_locale("zh_Hans"):
        yield accounts


def plan_in(file: Path) -> PlanContent:
    return markdown_to_plan(file.read_text(encoding="utf-8"))


def words_of(step: StepContent) -> list[str]:
    return [plain_text(step.teacher), plain_text(step.pupils), plain_text(step.intent)]


def person_numbered(number: str) -> Person:
    return db.session.scalars(select(Person).where(Person.staff_number == number)).one()


def plan_titled(title: str) -> Plan:
    return db.session.scalars(select(Plan).where(Plan.title == title)).one()


def test_twelve_plans_are_complete_and_a_few_are_half_finished() -> None:
    assert len(COMPLETE_FILES) == 12
    halves = [plan_in(file) for file in PLAN_FILES if file.stem in HALF_FINISHED]
    assert not [half.title for half in halves if "board" in half.sections]


@pytest.mark.parametrize("file", COMPLETE_FILES, ids=lambda file: file.stem)
def test_every_section_of_a_complete_plan_is_filled(file: Path) -> None:
    plan = plan_in(file)
    missing = [key for key in SECTIONS_WRITTEN_BEFORE_CLASS if not plain_text(plan.sections.get(key, [])).strip()]
    assert not missing
    assert "other" not in plan.sections, "something did not find its place"


@pytest.mark.parametrize("file", COMPLETE_FILES, ids=lambda file: file.stem)
def test_the_minutes_of_a_complete_plan_add_up(file: Path) -> None:
    plan = plan_in(file)
    assert plan.minutes in (40, 45)
    assert sum(step.minutes or 0 for step in plan.steps) == plan.periods * plan.minutes


@pytest.mark.parametrize("file", COMPLETE_FILES, ids=lambda file: file.stem)
def test_every_step_says_what_teacher_and_pupils_do_and_why(file: Path) -> None:
    steps = plan_in(file).steps
    assert 5 <= len(steps) <= 7
    assert not [step.title for step in steps if not all(words_of(step))]


@pytest.mark.parametrize("file", PLAN_FILES, ids=lambda file: file.stem)
def test_a_plan_survives_every_form_it_takes(file: Path) -> None:
    plan = plan_in(file)
    assert markdown_to_plan(plan_to_markdown(plan)) == plan
    assert read_plan(build_plan(plan)) == plan


def test_the_plans_show_what_the_editor_can_do() -> None:
    used: Counter[str] = Counter()
    for file in PLAN_FILES:
        plan = plan_in(file)
        texts = [*plan.sections.values()]
        for step in plan.steps:
            texts += [step.teacher, step.pupils, step.intent, *step.campuses.values()]
        for node in (node for text in texts for block in text for node in block.walk()):
            used[node.name] += 1
            used["merged cell"] += node.name == "tableCell" and max(node.number("colspan"), node.number("rowspan")) > 1
    for feature in ("table", "merged cell", "inlineMath", "blockMath", "ruby", "taskList", "blockquote", "orderedList"):
        assert used[feature], feature


def test_no_formula_is_left_as_plain_dollars() -> None:
    for file in PLAN_FILES:
        plan = plan_in(file)
        texts = [*plan.sections.values(), *(text for step in plan.steps for text in (step.teacher, step.pupils))]
        assert not [text for text in texts if "$" in plain_text(text) or "\\frac" in _words_only(text)], file.stem


def _words_only(blocks: list[Node]) -> str:
    return "".join(node.text for block in blocks for node in block.walk())


def test_campus_notes_name_campuses_of_the_group(made: DemoAccounts) -> None:
    codes = set(db.session.scalars(select(Campus.code)))
    noted = {code for file in PLAN_FILES for step in plan_in(file).steps for code in step.campuses}
    assert noted <= codes
    assert "liushuwan" in noted


def test_four_campuses_of_different_sizes_one_of_them_rural(made: DemoAccounts) -> None:
    sizes = dict(
        db.session.execute(
            select(Campus.short_name, func.count(Posting.id)).join(Posting).group_by(Campus.short_name)
        ).all()
    )
    assert len(sizes) == 4
    assert len(set(sizes.values())) == 4
    rural = db.session.scalars(select(Campus).where(Campus.rural)).one()
    assert rural.uplink_mbps is not None
    assert rural.uplink_mbps < 10


def test_about_forty_people_of_varied_names_work_there(made: DemoAccounts) -> None:
    names = list(db.session.scalars(select(Person.name)))
    assert 38 <= len(names) <= 46
    assert len(set(names)) == len(names)
    assert len({name[0] for name in names}) >= 30
    assert {len(name) for name in names} == {2, 3}


def test_postings_are_of_every_kind_and_one_has_ended(made: DemoAccounts) -> None:
    postings = db.session.scalars(select(Posting)).all()
    assert {posting.kind for posting in postings} == set(PostingKind)
    assert [posting.person.name for posting in postings if posting.to_day and posting.to_day <= today()] == ["傅远航"]


def test_every_role_that_a_group_gives_is_held_by_somebody(made: DemoAccounts) -> None:
    assert set(db.session.scalars(select(RoleGrant.role))) == set(Role) - {Role.TEACHER}


def test_six_subjects_and_a_textbook_tree(made: DemoAccounts) -> None:
    assert db.session.scalar(select(func.count(Subject.id))) == 6
    editions = {edition.subject.name for edition in db.session.scalars(select(TextbookEdition))}
    assert {"语文", "数学"} <= editions
    assert (db.session.scalar(select(func.count(LessonTopic.id))) or 0) > 200


def test_pupils_sit_in_their_classes_each_on_a_seat_of_their_own(made: DemoAccounts) -> None:
    seats = db.session.execute(select(Enrolment.class_id, Enrolment.seat)).all()
    assert len(seats) == len(set(seats)) == db.session.scalar(select(func.count(Pupil.id)))
    sizes = Counter(class_id for class_id, _ in seats)
    assert len(sizes) == db.session.scalar(select(func.count(SchoolClass.id)))
    assert all(12 <= size <= 48 for size in sizes.values())


def test_every_prep_group_has_members_beside_its_lead(made: DemoAccounts) -> None:
    people = db.session.scalars(select(Person)).all()
    members = Counter(group_id for person in people for group_id in standing_of(person).prep_group_ids)
    groups = db.session.scalars(select(PrepGroup)).all()
    assert not [group.name for group in groups if members[group.id] < 2]


def test_the_plans_stand_in_every_state_with_every_visibility(made: DemoAccounts) -> None:
    plans = db.session.scalars(select(Plan)).all()
    assert {plan.state for plan in plans} == set(PlanState)
    assert {plan.visibility for plan in plans} == set(Visibility)
    assert len({plan.owner_id for plan in plans}) == len(plans)
    assert all(plan.topic for plan in plans)


def test_what_was_taught_carries_a_reflection(made: DemoAccounts) -> None:
    plans = db.session.scalars(select(Plan).where(Plan.state.in_([PlanState.TEACHING, PlanState.ARCHIVED]))).all()
    assert len(plans) >= 4
    assert all(read_plan(document_of(plan.id)).sections.get("reflection") for plan in plans)


def test_the_plans_were_changed_over_the_last_weeks_and_never_in_the_future(made: DemoAccounts) -> None:
    changed = sorted(plan.changed_at for plan in db.session.scalars(select(Plan)))
    assert (changed[-1] - changed[0]).days >= 14
    assert changed[-1] <= now()
    assert all(plan.made_at < plan.changed_at for plan in db.session.scalars(select(Plan)))


def test_a_rotating_teacher_belongs_to_the_village_school_only(made: DemoAccounts) -> None:
    rotating = person_numbered("4004")
    village = db.session.scalars(select(Campus).where(Campus.rural)).one()
    assert standing_of(rotating).campus_ids == {village.id}
    assert next(account.place for account in made.accounts if account.staff_number == "4004") == village.short_name


def test_the_guest_reads_physics_beyond_the_prep_group_and_no_draft_of_others(made: DemoAccounts) -> None:
    guest = standing_of(person_numbered("9001"))
    assert may_edit_plan(guest, plan_titled("密度（第一课时）"))
    assert may_read_plan(guest, plan_titled("平面镜成像"))
    assert not may_read_plan(guest, plan_titled("圆的周长"))
    assert not may_read_plan(guest, plan_titled("水到哪里去了"))


def test_everybody_can_sign_in_with_the_password_that_was_told(made: DemoAccounts, client: FlaskClient) -> None:
    for login in ("4002", "沈砚秋"):
        client.post("/sign-in", data={"login": login, "password": made.password})
        assert client.get("/").status_code == 200, login
        client.post("/sign-out")
    assert made.others + len(made.accounts) == db.session.scalar(select(func.count(Person.id)))


@pytest.mark.parametrize(
    ("throw_away", "host", "fixed"), [(True, "127.0.0.1", True), (True, "0.0.0.0", False), (False, "127.0.0.1", False)]
)
def test_only_a_throw_away_demo_for_this_machine_has_the_well_known_password(
    app: Flask, throw_away: bool, host: str, fixed: bool
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=throw_away, host=host)
    password = make_demo().password
    assert (password == demo.FIXED_PASSWORD) is fixed
    assert fault_of_password(password, "沈砚秋", "1001") is None


def test_the_demo_cannot_be_made_twice(made: DemoAccounts) -> None:
    with force_locale("zh_Hans"), pytest.raises(Conflict, match="这里已经建有集团"):
        make_demo()
    assert db.session.scalar(select(func.count(Group.id))) == 1


def test_a_demo_that_fails_midway_leaves_nothing_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(demo, "add_plan", fail)
        with pytest.raises(OSError, match="disk"):
            make_demo()
    assert db.session.scalar(select(func.count(Person.id))) == 0
    db.session.rollback()
    set_writing(False)
    make_demo()
    assert db.session.scalar(select(func.count(Plan.id))) == len(PLAN_FILES)


def test_the_accounts_are_printed_in_the_language_of_the_terminal(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with force_locale("en"):
        print_accounts(make_demo())
    printed = capsys.readouterr().out
    assert "The demo group is ready" in printed
    assert "Head of the group" in printed
    assert "1001" in printed
