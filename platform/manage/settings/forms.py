"""What the settings page may send, checked and cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import format_decimal, gettext

from manage.sent import Sent
from manage.settings.colours import AA, USUAL, contrast_on_light, is_colour, nearest_allowed
from schools.forms import LESSON_MINUTES
from schools.limits import LEAST, NAMES, widest
from schools.models import GroupKind

NAME_LENGTH = 80


@dataclass(frozen=True)
class GroupSettings:
    """The settings of a group as the form has them; `limits` names only those that are not the installation's."""

    name: str
    kind: GroupKind
    lesson_minutes: int
    accent: str
    limits: dict[str, int]

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "GroupSettings":
        """Raises Invalid with all that is wrong."""
        sent = Sent(form)
        name = sent.line("name", NAME_LENGTH, missing=gettext("请填写集团名称。"))
        kind = sent.one_of("kind", GroupKind)
        minutes = sent.number("lesson_minutes", LESSON_MINUTES, missing=gettext("请填写一节课几分钟。"))
        accent = "" if sent.ticked("usual") else form.get("accent", "").strip().lower()
        limits = _limits(sent)
        if accent:
            _check_accent(sent, accent)
        sent.check()
        return cls(name, kind, minutes or 0, "" if accent == USUAL else accent, limits)


def _limits(sent: Sent) -> dict[str, int]:
    most = widest()
    limits = {}
    for name in NAMES:
        number = sent.number(name, range(getattr(LEAST, name), getattr(most, name) + 1))
        if number is not None and number != getattr(most, name):
            limits[name] = number
    return limits


def _check_accent(sent: Sent, accent: str) -> None:
    if not is_colour(accent):
        sent.faults["accent"] = gettext("请选择一个颜色，如 %(colour)s。", colour=USUAL)
    elif contrast_on_light(accent) < AA:
        sent.faults["accent"] = gettext(
            "%(colour)s 在浅色底上的对比度只有 %(ratio)s，至少要 %(least)s，字才看得清。最接近的可用颜色是 %(nearest)s，已替您填好，再保存一次就行。",
            colour=accent,
            ratio=format_decimal(int(contrast_on_light(accent) * 100) / 100),
            least=format_decimal(AA),
            nearest=nearest_allowed(accent),
        )


def accent_shown(accent: str) -> str:
    """What the colour field holds: the colour itself, or the nearest that may be saved."""
    return nearest_allowed(accent) if is_colour(accent) else USUAL
