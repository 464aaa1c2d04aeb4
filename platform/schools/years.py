"""School years: one begins with August, when schools make their classes for it, and is called by the year it begins in."""

from datetime import date
from typing import Final

from schools.models import Stage
from schools.names import GRADES_OF_STAGE

FIRST_MONTH: Final = 8


def school_year_of(day: date) -> int:
    """The school year that `day` lies in: 2026 from August 2026 to July 2027."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def entry_year_of(stage: Stage, grade: int, year: int) -> int:
    """The year in which those who are in `grade` in the school year `year` came to the stage: 2025级."""
    return year - (grade - GRADES_OF_STAGE[stage].start)


def is_last_grade(stage: Stage, grade: int) -> bool:
    """Whether there is no grade after it in its stage."""
    return grade + 1 not in GRADES_OF_STAGE[stage]
