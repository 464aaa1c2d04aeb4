"""How long the steps of a plan took when it was last taught. Lessons may not know the packages above; they say it here."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from lessons.models import Plan

Times = Mapping[str, timedelta]
"""How long a step took, by its id."""

_tellers: list[Callable[[Plan], Times]] = []


def tells_times(teller: Callable[[Plan], Times]) -> Callable[[Plan], Times]:
    """Decorate a function that knows when a plan was taught."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def minutes_of(plan: Plan) -> dict[str, int]:
    """Whole minutes, at least one, of each step that was held when the plan was last taught."""
    times = {step: time for teller in _tellers for step, time in teller(plan).items()}
    return {step: max(1, round(time.total_seconds() / 60)) for step, time in times.items()}
