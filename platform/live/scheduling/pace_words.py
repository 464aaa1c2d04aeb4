"""How far a class is from a topic, in words."""

from flask_babel import gettext, ngettext


def pace_in_words(name: str, gap: int) -> str:
    """西湖五（1）班还差 2 课; `gap` as in `timetable.pace.Standings`."""
    if gap > 0:
        return ngettext("%(name)s还差 %(num)d 课", "%(name)s还差 %(num)d 课", gap, name=name)
    if gap < 0:
        return gettext("%(name)s已经上过", name=name)
    return gettext("%(name)s正好上到", name=name)
