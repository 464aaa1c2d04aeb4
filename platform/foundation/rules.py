"""A condition on rows written once and read in four ways: asked of an object in memory, as SQL, of an index, or why it holds.

Rights are written with it, so that a page, which asks about one object, a list, which asks the database, the search, which asks
its index, and the words that say why somebody may, cannot disagree.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import is_, is_not
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.orm import QueryableAttribute

from foundation.marks import NOTHING, Either, Every, Marks, Not, Once, having

Row = TypeVar("Row")


def _without_reason(row: Any) -> tuple[object, ...]:
    return ()


def _without_marks(once: Once) -> Marks:
    raise NotImplementedError("this rule is not kept in an index")


@dataclass(frozen=True, eq=False)
class Rule(Generic[Row]):
    """A condition: `holds(row)` asks it of an object, `sql()` gives it for a query.

    `reasons(row)` are those given by `because` to the parts that hold; none when it does not hold. `marks(Once())` gives it for an
    index; what that takes from the database it asks through the `Once`.
    """

    holds: Callable[[Row], bool]
    sql: Callable[[], ColumnElement[bool]]
    reasons: Callable[[Row], tuple[object, ...]] = _without_reason
    marks: Callable[[Once], Marks] = _without_marks


NEVER: Rule[Any] = Rule(lambda row: False, false, marks=lambda once: NOTHING)
ALWAYS: Rule[Any] = Rule(lambda row: True, true, marks=lambda once: Every(()))


def value_that(name: str, test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Asks `test` of the column `name` of an object."""

    def holds(row: Any) -> bool:
        try:
            value = row.__dict__[
                name
            ]  # what was loaded stands here; SQLAlchemy's own way to it takes five times as long
        except KeyError:
            value = getattr(row, name)
        return test(value)

    return holds


def among(column: QueryableAttribute[Any], values: Iterable[object]) -> Rule[Any]:
    """The column has one of `values`; an empty column never has."""
    wanted = frozenset(values)
    name = column.key
    if not wanted:
        return NEVER
    return Rule(
        value_that(name, wanted.__contains__),
        lambda: column.in_(list(wanted)),
        marks=lambda once: having(name, wanted),
    )


def depending_on(column: QueryableAttribute[Any], rules: Mapping[Any, Rule[Row]]) -> Rule[Row]:
    """The column has one of the values in `rules`, and the rule of that value holds; only that one is asked of an object."""
    name = column.key
    possible = {value: rule for value, rule in rules.items() if rule is not NEVER}
    spelled: Rule[Row] = any_of(*(all_of(among(column, {value}), rule) for value, rule in possible.items()))
    asked = {value: rule.holds for value, rule in possible.items()}

    def holds(row: Row) -> bool:
        try:
            value = row.__dict__[name]
        except KeyError:
            value = getattr(row, name)
        return value in asked and asked[value](row)

    return replace(spelled, holds=holds) if possible else NEVER


def is_empty(column: QueryableAttribute[Any]) -> Rule[Any]:
    """The column has no value."""
    return Rule(
        value_that(column.key, partial(is_, None)),
        lambda: column.is_(None),
        marks=lambda once: having(column.key, {None}),
    )


def is_filled(column: QueryableAttribute[Any]) -> Rule[Any]:
    """The column has a value."""
    return Rule(
        value_that(column.key, partial(is_not, None)),
        lambda: column.is_not(None),
        marks=lambda once: Not(having(column.key, {None})),
    )


def because(reason: object, rule: Rule[Row]) -> Rule[Row]:
    """The same rule, holding for `reason`: whatever the caller can put into words."""
    if rule is NEVER:
        return NEVER
    return Rule(rule.holds, rule.sql, lambda row: (reason,) if rule.holds(row) else (), rule.marks)


def all_of(*rules: Rule[Row]) -> Rule[Row]:
    """Every one of `rules`; those that are quick to ask come first."""
    if NEVER in rules:
        return NEVER
    asked = [rule.holds for rule in rules]

    def holds(row: Row) -> bool:
        for ask in asked:  # noqa: SIM110  # twice as quick as all(…), and asked for every plan of a list
            if not ask(row):
                return False
        return True

    def reasons(row: Row) -> tuple[object, ...]:
        return _reasons(rules, row) if holds(row) else ()

    return Rule(
        holds,
        lambda: and_(*(rule.sql() for rule in rules)),
        reasons,
        lambda once: Every(tuple(rule.marks(once) for rule in rules)),
    )


def any_of(*rules: Rule[Row]) -> Rule[Row]:
    """At least one of `rules`; those that are quick to ask come first."""
    possible = [rule for rule in rules if rule is not NEVER]
    if not possible:
        return NEVER
    asked = [rule.holds for rule in possible]

    def holds(row: Row) -> bool:
        for ask in asked:  # noqa: SIM110
            if ask(row):
                return True
        return False

    return Rule(
        holds,
        lambda: or_(*(rule.sql() for rule in possible)),
        lambda row: _reasons(possible, row),
        lambda once: Either(tuple(rule.marks(once) for rule in possible)),
    )


def _reasons(rules: Iterable[Rule[Row]], row: Row) -> tuple[object, ...]:
    return tuple(dict.fromkeys(reason for rule in rules for reason in rule.reasons(row)))
