"""The field's words: every kind has one, and grades are said as teachers say them."""

import pytest
from flask import Flask
from flask_babel import refresh

from schools.models import GroupKind, PostingKind, Role, Stage
from schools.names import (
    GRADES_OF_STAGE,
    GROUP_KIND_NAMES,
    POSTING_KIND_NAMES,
    ROLE_NAMES,
    STAGE_NAMES,
    grade_name,
)


def test_every_kind_has_its_word() -> None:
    for kind, names in (
        (GroupKind, GROUP_KIND_NAMES),
        (PostingKind, POSTING_KIND_NAMES),
        (Role, ROLE_NAMES),
        (Stage, STAGE_NAMES),
        (Stage, GRADES_OF_STAGE),
    ):
        assert set(names) == set(kind)


@pytest.mark.parametrize(
    ("stage", "grade", "chinese", "english"),
    [
        (Stage.PRIMARY, 3, "三年级", "Grade 3"),
        (Stage.JUNIOR, 7, "七年级", "Grade 7"),
        (Stage.JUNIOR, 6, "六年级", "Grade 6"),
        (Stage.SENIOR, 10, "高一", "Senior 1"),
        (Stage.VOCATIONAL, 12, "中职三年级", "Vocational 3"),
        (Stage.KINDERGARTEN, 2, "中班", "Kindergarten, second year"),
        (None, 5, "五年级", "Grade 5"),
        (None, 11, "高二", "Senior 2"),
        (Stage.SENIOR, 13, "13年级", "Grade 13"),
    ],
)
def test_grades_are_said_as_teachers_say_them(
    app: Flask, stage: Stage | None, grade: int, chinese: str, english: str
) -> None:
    with app.test_request_context():
        assert grade_name(stage, grade) == chinese
    with app.test_request_context(headers={"Accept-Language": "en"}):
        refresh()
        assert grade_name(stage, grade) == english
