"""The layout of a plan: which sections it shows, in which order, with which hint. Each group has its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from lessons.text.schema import SECTIONS

STEPS: Final = "steps"

META: Final[Mapping[str, LazyString]] = {"title": lazy_gettext("课题"), "periods": lazy_gettext("课时")}
"""What stands at the head of every plan: short values, not texts."""

NAMES: Final[Mapping[str, LazyString]] = {**META, **SECTIONS, STEPS: lazy_gettext("教学过程")}
"""Everything a layout may hold: key, name for people."""

_HINTS: Final[Mapping[str, LazyString]] = {
    "standards": lazy_gettext("摘录与本课直接有关的课程标准条目。"),
    "textbook": lazy_gettext("本课在单元里的位置，编者的意图，前后联系。"),
    "learners": lazy_gettext("学生已经会什么，容易卡在哪里。"),
    "objectives": lazy_gettext("学生学完后能做什么；写得可以观察、可以检测。"),
    "key_points": lazy_gettext("这节课必须学会的一两点。"),
    "difficulties": lazy_gettext("学生最难过的一关，以及怎样过。"),
    "preparation": lazy_gettext("教具、学具、课件、场地。"),
    "board": lazy_gettext("下课时黑板上留下什么。"),
    "homework": lazy_gettext("分层写；注明大约需要几分钟。"),
    "reflection": lazy_gettext("课后填写：哪一步好，哪一步下次要改。"),
}

_ORDER: Final = (
    "title", "periods", "standards", "textbook", "learners", "objectives", "key_points", "difficulties", "preparation",
    STEPS, "board", "homework", "reflection",
)  # fmt: skip
_REQUIRED: Final = frozenset({"title", "periods", "objectives", STEPS})


@dataclass(frozen=True)
class Place:
    """One place of a layout; `hint` is the group's word on what to write there."""

    key: str
    hint: str = ""
    required: bool = False

    @property
    def name(self) -> str:
        """What the place is called on the page."""
        return str(NAMES[self.key])

    @property
    def kind(self) -> Literal["text", "steps", "meta"]:
        """Whether it is a text, the steps of the lesson, or a short value at the head."""
        return "steps" if self.key == STEPS else "meta" if self.key in META else "text"


def default() -> tuple[Place, ...]:
    """The layout of a group that has not changed its template, with hints in the language of the page."""
    return tuple(Place(key, str(_HINTS.get(key, "")), key in _REQUIRED) for key in _ORDER)


def from_template(sections: Sequence[Mapping[str, Any]] | None) -> tuple[Place, ...]:
    """The layout kept in a template's `sections`; the default where there is none. Unknown keys are passed over."""
    if sections is None:
        return default()
    kept = (section for section in sections if section["key"] in NAMES)
    return tuple(Place(section["key"], section.get("hint", ""), bool(section.get("required"))) for section in kept)


def in_proper_form(places: Sequence[Place]) -> tuple[Place, ...]:
    """The same layout with what no plan does without: the values at the head stand first, and the steps are there."""
    by_key = {place.key: place for place in places}
    head = [replace(by_key.get(key, Place(key)), required=True) for key in META]
    body = [place for place in by_key.values() if place.key not in META]
    return (*head, *body) if STEPS in by_key else (*head, *body, Place(STEPS))


def to_template(places: Sequence[Place]) -> list[dict[str, Any]]:
    """What is stored for a layout."""
    return [{"key": place.key, "hint": place.hint, "required": place.required} for place in places]


def with_all_texts(places: Sequence[Place], written: Collection[str]) -> tuple[Place, ...]:
    """The layout with every section that holds text: those the template leaves out follow at the end.

    `written` holds the keys of the sections with text (and `steps` where there are steps).
    """
    return (*places, *(place for place in left_out(places) if place.key in written))


def left_out(places: Sequence[Place]) -> tuple[Place, ...]:
    """The sections that the layout does not ask for, in the usual order."""
    present = {place.key for place in places}
    return tuple(Place(key) for key in NAMES if key not in present)
