"""The slot finder: when classes of several campuses can have a lesson together, the best times first."""

from datetime import date

from live.scheduling.conflicts import Alternative, Draft, alternatives, world_for


def free_dates(draft: Draft, from_day: date, to_day: date, most: int = 5) -> list[Alternative]:
    """Times from a day up to, not including, another at which a session could be made up, the best first: no room and nobody is elsewhere."""
    return alternatives(world_for(draft, to_day, from_day), draft, from_day, to_day, most)
