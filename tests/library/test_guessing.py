"""What the name of a file says about it."""

import pytest

from library.guessing import guess
from library.models import ResourceKind


@pytest.mark.parametrize(
    ("name", "title", "kind", "grade"),
    [
        ("三年级下册语文《荷花》教学设计（定稿）.docx", "荷花", ResourceKind.LESSON_PLAN, 3),
        ("高一物理 牛顿第二定律 微课.mp4", "牛顿第二定律", ResourceKind.MICRO_LESSON, 10),
        ("人教版数学三年级上册第十二单元分数的初步认识课件 (1).pptx", "分数的初步认识", ResourceKind.SLIDES, 3),
        ("五年级期末试卷.docx", "期末试卷", ResourceKind.TEST_PAPER, 5),
        ("教案.docx", "教案", ResourceKind.LESSON_PLAN, None),
        ("2026.jpg", "2026", ResourceKind.MATERIAL, None),
    ],
)
def test_the_name_of_a_file_says_what_it_is(name: str, title: str, kind: ResourceKind, grade: int | None) -> None:
    said = guess(name)
    assert (said.title, said.kind, said.grade) == (title, kind, grade)
