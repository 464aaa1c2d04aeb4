"""An outline written as text becomes units and lessons."""

import pytest
from flask import Flask

from curriculum.outline import NewTopic, NewUnit, read_outline
from foundation.errors import Invalid


def titles(text: str) -> list[tuple[str, list[str]]]:
    return [(unit.title, [topic.title for topic in unit.topics]) for unit in read_outline(text)]


def test_units_are_known_by_their_names_and_lessons_lose_their_numbers() -> None:
    text = "第一单元：学校生活\n1 大青树下的小学\n2* 花的学校（2课时）\n第3课 不懂就要问\n　　习作：猜猜他是谁\n\n第二单元\n  4、古诗三首"
    assert read_outline(text) == [
        NewUnit(
            "第一单元",
            "学校生活",
            [
                NewTopic("大青树下的小学"),
                NewTopic("花的学校", periods=2),
                NewTopic("不懂就要问"),
                NewTopic("习作：猜猜他是谁"),
            ],
        ),
        NewUnit("第二单元", "", [NewTopic("古诗三首")]),
    ]


def test_without_such_names_what_stands_out_is_a_unit() -> None:
    assert titles("Starter\n  Hello\n  Goodbye\nColours\n\tRed") == [
        ("Starter", ["Hello", "Goodbye"]),
        ("Colours", ["Red"]),
    ]


def test_english_units_are_known_too() -> None:
    assert titles("Unit 1 My day\nA Let's talk\nUnit 2\nB Read") == [
        ("Unit 1", ["A Let's talk"]),
        ("Unit 2", ["B Read"]),
    ]


def test_a_number_that_belongs_to_the_title_stays() -> None:
    assert titles("第一单元\n1000以内的数\n10 以内的加法") == [("第一单元", ["1000以内的数", "以内的加法"])]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  \n", "请粘贴"),
        ("大青树下的小学\n第一单元", "第 1 行是课"),
        ("第一单元\n" + "长" * 81, "第 2 行太长"),
        ("第一单元\n" * 601, "一次最多 600 行"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(app: Flask, text: str, sentence: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid, match=sentence):
        read_outline(text)
