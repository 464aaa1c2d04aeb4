"""The index by itself: what is put is found as it should be, what is replaced or taken out is gone, for every reader."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foundation.marks import having
from search import codec, writing
from search.asking import Same, Synonyms
from search.documents import Document, Kind, Part
from search.index import Found, NoIndex, Sort, WhooshIndex

NOON = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
ALL = having("kind", set(Kind))

TEXTS = (
    ("《富饶的西沙群岛》教案", "第三课。西沙群岛是南海上的一群岛屿。"),
    ("长方形的面积", "用摆方格的办法求出长方形的面积。"),
    ("长方形的周长", "量一量，算一算。面积以后再学。"),
    ("小数的初步认识", "元角分里的小数。"),
    ("Python 循环", "for 语句把一段程序重复许多次。"),
)


def document(number: int, title: str, text: str = "", **more: object) -> Document:
    parts = (Part("page", "1", "", "目录"), Part("page", "2", "", text)) if text else ()
    given = {"code": f"c{number}", "changed_at": NOON + timedelta(days=number), "parts": parts, **more}
    return Document(Kind.RESOURCE, number, title=title, **given)  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> WhooshIndex:
    made = WhooshIndex(tmp_path)
    with made.remaking():
        made.rebuild(
            document(number, title, text, facts={"subject_id": number % 2}, uses=10 - number)
            for number, (title, text) in enumerate(TEXTS, start=1)
        )
    return made


def ids(found: Found) -> list[int]:
    return [hit.id for hit in found.hits]


def search(index: WhooshIndex, words: str, synonyms: Synonyms = (), **filters: set[int]) -> Found:
    return index.search(ALL, words, filters, synonyms=synonyms)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("西沙群島", 1),  # Traditional
        ("第3课", 1),
        ("长方形的面积", 2),  # the exact title before the text that holds the words
        ("方格", 2),
        ("changfangxing mianji", 2),
        ("cfx", 2),
        ("长方型的面机", 2),  # sounds alike
        ("小数 元角分", 4),
        ("PYTHON", 5),
    ],
)
def test_what_is_meant_comes_first(index: WhooshIndex, words: str, first: int) -> None:
    assert ids(search(index, words))[:1] == [first]


def test_a_hit_names_the_page_and_marks_the_words(index: WhooshIndex) -> None:
    hit = search(index, "摆方格").hits[0]
    assert hit.part is not None
    assert (hit.part.kind, hit.part.key) == ("page", "2")
    assert [piece.text for piece in hit.snippet if piece.hit] == ["摆方格"]
    assert "".join(piece.text for piece in search(index, "面积").hits[0].title) == "长方形的面积"


def test_a_phrase_stands_in_the_text_just_so(index: WhooshIndex) -> None:
    assert ids(search(index, "“求出长方形”")) == [2]
    assert search(index, "“长方形求出”").total == 0
    assert search(index, '"岛屿西沙"').total == 0


def test_another_word_for_the_same_is_found_as_well(index: WhooshIndex) -> None:
    synonyms = (Same(frozenset({"教案", "教学设计"})),)
    assert ids(search(index, "西沙群岛教学设计", synonyms)) == [1]
    assert not search(index, "西沙群岛教学设计", synonyms).forgiving


def test_words_that_mean_the_same_in_a_subject_widen_nothing_else(index: WhooshIndex) -> None:
    everywhere, in_one = (Same(frozenset({"岛屿", "面积"}), subject) for subject in (None, 1))
    assert sorted(ids(search(index, "岛屿", [everywhere]))) == [1, 2, 3]
    assert sorted(ids(search(index, "岛屿", [in_one]))) == [1, 3]
    assert sorted(ids(search(index, "“岛屿” 岛屿", [in_one]))) == [1]
    assert ids(search(index, "岛屿", [in_one], subject={0})) == []
    both = [in_one, Same(frozenset({"岛屿", "元角分"}), 0)]
    assert sorted(ids(search(index, "岛屿", both))) == [1, 3, 4]


def test_it_says_what_was_perhaps_meant(index: WhooshIndex) -> None:
    found = search(index, "西砂群岛")
    assert (found.forgiving, found.suggestion) == (True, "西沙群岛")
    assert search(index, "长方形").suggestion == ""


def test_counts_are_those_of_what_is_found_and_a_filter_does_not_hide_its_own_choices(index: WhooshIndex) -> None:
    found = search(index, "面积", subject={0})
    assert ids(found) == [2]
    assert sorted(found.facets["subject"]) == [(0, 1), (1, 1)]
    assert found.facets["kind"] == [("resource", 1)]
    assert search(index, "面积", nonsense={1}).total == 0


def test_without_words_everything_comes_by_date_or_use(index: WhooshIndex) -> None:
    assert ids(search(index, "")) == [5, 4, 3, 2, 1]
    assert ids(index.search(ALL, "", {}, sort=Sort.USE)) == [1, 2, 3, 4, 5]
    assert ids(index.search(ALL, "面积", {}, sort=Sort.DATE)) == [3, 2]


def test_pages_follow_one_another_without_gaps(index: WhooshIndex) -> None:
    index.put(document(number, f"练习{number}", "面积") for number in range(10, 60))
    pages = [ids(index.search(ALL, "面积", {}, page=page)) for page in (1, 2, 3, 4)]
    assert list(map(len, pages)) == [20, 20, 12, 0]
    assert len({number for page in pages for number in page}) == 52


def test_suggestions_begin_with_what_is_typed(index: WhooshIndex) -> None:
    def offered(beginning: str) -> Sequence[int]:
        return [offer.id for offer in index.suggest(ALL, beginning)]

    assert offered("长方形") == [3, 2] or offered("长方形") == [2, 3]
    assert offered("pyth") == [5]
    assert offered("xiaoshu") == [4]
    assert offered("方格") == []  # stands in a text only
    assert offered("") == []


def test_nothing_odd_that_is_typed_breaks_it(index: WhooshIndex) -> None:
    for odd in ("“", '""', "***", "（）", "a" * 5000, "的" * 5000, "\x00", "😀", "AND OR NOT", "“”“”", "'"):
        search(index, odd)
        index.suggest(ALL, odd)


def test_another_reader_sees_what_was_put_replaced_and_taken_out(index: WhooshIndex, tmp_path: Path) -> None:
    reader = WhooshIndex(tmp_path)
    assert search(reader, "鹦鹉").total == 0
    index.put([document(2, "鹦鹉", "草长莺飞")], gone=[(Kind.RESOURCE, 3)])
    assert ids(search(reader, "鹦鹉")) == [2]
    assert search(reader, "方格").total == 0
    assert search(reader, "").total == 4


def test_small_segments_are_gathered_and_nothing_is_lost(index: WhooshIndex) -> None:
    for number in range(10, 30):
        index.put([document(number, f"练习{number}", "鹦鹉" if number % 2 else "画眉")], [(Kind.RESOURCE, number - 15)])
    assert len(index.view().segments) >= writing.GATHERED
    assert index.gather()
    assert not index.gather()
    assert len(index.view().segments) < writing.GATHERED
    assert sorted(ids(search(index, "鹦鹉"))) == list(range(15, 30, 2))
    assert sorted(ids(search(index, "画眉"))) == list(range(16, 30, 2))
    assert search(index, "").total == 15


def test_what_changes_while_segments_are_gathered_does_not_come_back(
    index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10, 20):
        index.put([document(number, f"练习{number}", "鹦鹉")])
    take_in, taken = writing.Writer.take_in, []

    def take_in_while_others_write(*given: Any) -> Any:
        moved = take_in(*given)
        taken.append(moved)
        if len(taken) == len(index.view().segments):
            index.put([document(11, "换了", "画眉")], gone=[(Kind.RESOURCE, 10), (Kind.RESOURCE, 1)])
        return moved

    monkeypatch.setattr(writing.Writer, "take_in", take_in_while_others_write)
    assert index.gather()
    assert len(index.view().segments) == 2
    assert sorted(ids(search(index, "鹦鹉"))) == list(range(12, 20))
    assert ids(search(index, "画眉")) == [11]
    assert search(index, "").total == 4 + 9


def test_a_new_index_takes_the_place_of_the_old_one_at_once(index: WhooshIndex, tmp_path: Path) -> None:
    reader = WhooshIndex(tmp_path)
    assert search(reader, "").total == 5
    with index.remaking():
        index.rebuild([document(7, "画眉")])
    assert ids(search(reader, "")) == [7]
    assert len([folder for folder in tmp_path.iterdir() if folder.is_dir() and not folder.is_symlink()]) == 1


def test_where_there_is_no_index_it_says_so(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "nothing")
    assert not index.usable()
    with pytest.raises(NoIndex):
        search(index, "西沙")


def test_postings_are_read_as_they_were_packed() -> None:
    random = np.random.default_rng(1)
    lists = [np.unique(random.integers(0, limit, size)) for limit, size in ((9, 3), (70_000, 40), (10**7, 500), (3, 1))]
    often = [
        random.integers(1, high, len(numbers)).astype(np.uint8)
        for numbers, high in zip(lists, (2, 9, 256, 3), strict=True)
    ]
    starts = np.cumsum([0, *map(len, lists)])[:-1]
    packed = codec.pack(starts, np.concatenate(lists).astype(np.uint32), np.concatenate(often))
    begins = [0, *packed.ends]
    for begin, end, numbers, counts in zip(begins, packed.ends, lists, often, strict=False):
        found = codec.unpack(packed.data[begin:end])
        assert found[0].tolist() == numbers.tolist()
        assert found[1].tolist() == counts.tolist()
