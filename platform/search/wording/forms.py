"""What the browser may send about synonyms, cleaned and checked."""

import re
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.errors import Invalid
from foundation.sent import ListFilter
from search.analysis import fold
from search.forms import number_of

MOST_WORDS: Final = 12
WORD_LENGTH: Final = 20
_BETWEEN: Final = re.compile(r"[、，,；;\n\r]+")


@dataclass(frozen=True)
class SynonymFilter(ListFilter):
    """Which synonyms a list shows."""

    group: int | None = None
    subject: int | None = None

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> "SynonymFilter":
        """The filter in an address; what makes no sense is left out."""
        return cls(
            group=number_of(args.get("group", "")),
            subject=number_of(args.get("subject", "")),
            page=number_of(args.get("page", "")) or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out synonyms of the group."""
        return self.subject is not None


@dataclass(frozen=True)
class SynonymForm:
    """Words that mean the same, in a subject or in all."""

    words: list[str]
    subject_id: int | None

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "SynonymForm":
        """Words are sent in one line with commas between them. Raises Invalid."""
        parts = (" ".join(part.split()) for part in _BETWEEN.split(form.get("words", "")[:1000]))
        words = list({fold(part): part for part in parts if part}.values())
        if len(words) < 2:
            raise Invalid(words=gettext("请至少写两个不同的词，用顿号或逗号隔开。"))
        if len(words) > MOST_WORDS:
            raise Invalid(words=gettext("一组最多 %(count)d 个词。", count=MOST_WORDS))
        if any(len(word) > WORD_LENGTH for word in words):
            raise Invalid(words=gettext("每个词请不超过 %(count)d 个字。", count=WORD_LENGTH))
        return cls(words, number_of(form.get("subject", "")))
