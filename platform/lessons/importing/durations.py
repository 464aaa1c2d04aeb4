"""Minutes and numbers of lessons in the words of a plan."""

import re
import unicodedata

_HAN = {sign: number for number, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
_NUMBER = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
_UNIT = r"(?:分钟|分(?![数层组钟])|minutes?|mins?|min\.|['′’])"
_IN_BRACKETS = re.compile(
    rf"\s*[（(【\[]\s*(?:约|大约|预计|用时|时间|建议)?\s*[：:]?\s*{_NUMBER}\s*{_UNIT}\s*(?:左右)?\s*[)）】\]]",
    re.IGNORECASE,
)
_AT_END = re.compile(
    rf"\s*[,，:：\-—–~·|]?\s*(?:约|用时|时间[：:]?)?\s*(?<![\d\-~～—–至到]){_NUMBER}\s*{_UNIT}\s*$", re.IGNORECASE
)
_ALONE = re.compile(rf"\s*(?:约|用时)?\s*{_NUMBER}\s*{_UNIT}?\s*(?:左右)?\s*", re.IGNORECASE)
_LESSONS = re.compile(rf"{_NUMBER}\s*(?:个)?\s*(?:课时|节课?|periods?|lessons?)|^\s*{_NUMBER}\s*$", re.IGNORECASE)


def without_minutes(words: str) -> tuple[str, int | None]:
    """A title such as “导入（5分钟）” without its minutes, and these; (words, None) where it has none or several."""
    folded = _with_plain_digits(words)
    found = list(_IN_BRACKETS.finditer(folded))
    if len(found) > 1:
        return words, None
    match = found[0] if found else _AT_END.search(folded)
    if match is None or not (rest := words[: match.start()] + words[match.end() :]).strip():
        return words, None
    return rest.strip(), whole_number(match[1])


def minutes_of(words: str) -> int | None:
    """The minutes that a cell says, with or without a unit; None where it says something else."""
    match = _ALONE.fullmatch(_with_plain_digits(words))
    return whole_number(match[1]) if match else None


def lessons_of(words: str) -> int | None:
    """The number of lessons that “2课时” or “2” says."""
    match = _LESSONS.search(_with_plain_digits(words))
    return (whole_number(match[1] or match[2]) or None) if match else None


def whole_number(words: str) -> int:
    """The number in digits or in Chinese signs up to 99."""
    if words.isdigit():
        return int(words)
    if "十" not in words:
        return _HAN.get(words[-1], 0)
    tens, _, ones = words.partition("十")
    return (_HAN.get(tens, 1) if tens else 1) * 10 + (_HAN.get(ones, 0) if ones else 0)


def _with_plain_digits(words: str) -> str:
    """The same number of characters, digits of full width as ordinary ones."""
    return "".join(unicodedata.normalize("NFKC", each) if "０" <= each <= "９" else each for each in words)
