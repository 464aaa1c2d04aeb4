"""How far a class is from a topic, in words."""

from flask_babel import gettext, ngettext


def pace_in_words(gap: int) -> str:
    """还差 2 课; `gap` as in `timetable.pace.Standings`."""
    if gap > 0:
        return ngettext("还差 %(num)d 课", "还差 %(num)d 课", gap)
    return gettext("已经上过") if gap < 0 else gettext("正好上到")
