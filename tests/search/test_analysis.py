"""What texts and words are cut into: what is typed is found in what is written, however either is written."""

import numpy as np
import pytest

from search import analysis
from search.keys import Keys

FOLDED = (
    ("ＡＢＣ課文", "abc课文"),  # full width, Traditional
    ("⽂⾔⽂", "文言文"),  # Kangxi look-alikes, as PDF files have them
    ("mā má mǎ", "ma ma ma"),
    ("㎡", "m2"),
)


@pytest.mark.parametrize(("written", "folded"), FOLDED)
def test_texts_are_compared_in_one_form(written: str, folded: str) -> None:
    assert analysis.fold(written) == folded


def test_every_place_of_a_folded_text_is_known_in_the_text() -> None:
    folded, places = analysis.fold_with_places("25㎡的教室")
    assert folded == "25m2的教室"
    assert "25㎡的教室"[places[folded.index("教室")] :] == "教室"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("第3课", "第三课 富饶的西沙群岛"),
        ("第三课", "第3课 富饶的西沙群岛"),
        ("十二课", "第12课"),
        ("七年级", "7年级下册"),
        ("7年级", "七年级下册"),
        ("二十三课", "第23课"),
        ("一心一意", "教一心一意这个成语"),
        ("富饶的西沙群岛", "第三课《富饶的西沙群岛》"),
        ("Unit 3", "人教版 Unit 3 My friends"),
    ],
)
def test_what_is_typed_is_found_in_what_is_written(typed: str, written: str) -> None:
    asked = set(analysis.terms_asked(analysis.fold(typed)))
    assert asked
    assert asked <= set(analysis.terms_of_text(analysis.fold(written)))


def test_a_number_that_counts_something_is_not_any_number() -> None:
    asked = set(analysis.terms_asked("第3课"))
    assert not asked <= set(analysis.terms_of_text("第5课 3个苹果"))


def test_titles_are_found_by_single_characters_too() -> None:
    assert {"圆", "柱"} <= set(analysis.terms_of_title("圆柱"))
    assert "圆" not in analysis.terms_of_text("圆柱")


def test_titles_are_read_as_pinyin() -> None:
    assert analysis.sounds("长方形") == ["changfang", "fangxing"]
    assert analysis.initials("长方形面积") == ["cfx", "fxm", "xmj"]
    assert ["changfang", "fangxing"] in analysis.readings("changfangxing")
    assert analysis.readings("xyz") == []


def test_names_are_found_before_they_are_typed_to_their_end() -> None:
    beginnings = analysis.beginnings("zhangwei zw")
    assert {"zh", "zhangw", "zhangwei", "zw"} <= set(beginnings)
    assert "z" not in beginnings


TEXTS = (
    "第三课 富饶的西沙群岛……ＡＢＣ課文，25㎡的教室（三年级下册）" * 4,
    "一",
    "",
    "Unit 3 My friends, 第12课 a b 3 é 圆 𠮷野家 〇",
    "x" * 50 + "二十三题" * 30,
)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_cut_alike_quickly_and_slowly(text: str) -> None:
    keys = Keys()
    found = np.sort(keys.of_text(text))
    assert sorted(keys.terms(found)) == sorted(term.encode() for term in analysis.terms_of_text(analysis.fold(text)))


@pytest.mark.parametrize("text", TEXTS)
def test_long_texts_are_folded_as_short_ones(text: str) -> None:
    assert analysis.fold(text) == "".join(analysis.fold(letter) for letter in text)
