"""What the rows of each kind of sheet would do."""

from collections.abc import Callable, Sequence

from flask_babel import gettext

from manage.importing.columns import KINDS, Row
from manage.importing.plan import Plan
from manage.importing.sheets.pupils import Pupils
from manage.importing.sheets.school import Campuses, Classes
from manage.importing.sheets.staff import Staff
from manage.importing.sheets.teaching import PrepGroups, Teaching
from manage.importing.sheets.textbooks import Textbooks

Tell = Callable[[int, int, str], None]


def look_at(plan: Plan, rows: Sequence[Row], tell: Tell) -> None:
    """Let every row say what it would do; sheets that others lean on come first."""
    one_by_one = {
        "campus": Campuses(plan).look_at,
        "staff": Staff(plan).look_at,
        "class": Classes(plan).look_at,
        "textbook": Textbooks(plan).look_at,
        "prep_group": PrepGroups(plan).look_at,
    }
    all_at_once = {"pupil": Pupils(plan).look_at_all, "teaching": Teaching(plan).look_at_all}
    done = 0
    for kind in KINDS:
        those = [row for row in rows if row.kind == kind.key]
        tell(done, len(rows), gettext("正在核对“%(sheet)s”……", sheet=kind.name))
        if kind.key in all_at_once:
            all_at_once[kind.key](those)
        else:
            for row in those:
                one_by_one[kind.key](row)
        done += len(those)
