"""What a form has sent, read field by field; all that is wrong with it is said at once."""

import enum
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from flask_babel import gettext

from foundation.errors import Invalid

Kind = TypeVar("Kind", bound=enum.StrEnum)


class Sent:
    """A form. Each method reads a field, tidied; what cannot be used becomes its fault, which `check` raises."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.faults: dict[str, str] = {}

    def line(self, name: str, most: int, *, missing: str = "") -> str:
        """One line of at most `most` characters. `missing` is the sentence for when it must be filled in."""
        return self._measured(name, " ".join(self._form.get(name, "").split()), most, missing)

    def text(self, name: str, most: int, *, missing: str = "") -> str:
        """Several lines."""
        lines = (line.rstrip() for line in self._form.get(name, "").splitlines())
        return self._measured(name, "\n".join(lines).strip("\n"), most, missing)

    def number(self, name: str, within: range, *, missing: str = "") -> int | None:
        """A whole number within `within`."""
        sent = self._form.get(name, "").strip()
        if not sent:
            self._miss(name, missing)
            return None
        if not sent.isdecimal() or len(sent) > 9 or int(sent) not in within:
            self.faults[name] = gettext("请填写 %(least)d 到 %(most)d 之间的整数。", least=within[0], most=within[-1])
            return None
        return int(sent)

    def record(self, name: str, *, missing: str = "") -> int | None:
        """The number of a record that was chosen from a list."""
        sent = self._form.get(name, "")
        if not sent:
            self._miss(name, missing)
            return None
        return int(sent) if sent.isdecimal() and len(sent) <= 9 else None

    def day(self, name: str, *, missing: str = "") -> date | None:
        """A day as browsers send it."""
        sent = self._form.get(name, "").strip()
        if not sent:
            self._miss(name, missing)
            return None
        try:
            return date.fromisoformat(sent)
        except ValueError:
            self.faults[name] = gettext("请填写日期，如 2026-09-01。")
            return None

    def one_of(self, name: str, kind: type[Kind]) -> Kind:
        """One of the members of `kind`."""
        sent = self._form.get(name, "")
        if sent not in list(kind):
            self.faults[name] = gettext("请从列表里选择一项。")
            return next(iter(kind))
        return kind(sent)

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return name in self._form

    def check(self) -> None:
        """Raise Invalid when anything was wrong."""
        if self.faults:
            raise Invalid(**self.faults)

    def _measured(self, name: str, sent: str, most: int, missing: str) -> str:
        if missing and not sent:
            self.faults[name] = missing
        if len(sent) > most:
            self.faults[name] = gettext("最多 %(count)d 个字。", count=most)
        return sent

    def _miss(self, name: str, sentence: str) -> None:
        if sentence:
            self.faults[name] = sentence


def check_span(from_day: date | None, to_day: date | None) -> None:
    """Refuse an end that is not after the beginning."""
    if from_day and to_day and to_day <= from_day:
        raise Invalid(to_day=gettext("结束日期应在开始日期之后；到这一天就不再算。"))
