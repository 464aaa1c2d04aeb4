"""A condition on rows written once and read twice: asked of an object in memory, or as SQL.

Rights are written with it, so that a page, which asks about one object, and a list, which asks the database, cannot
disagree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import QueryableAttribute

Row = TypeVar("Row")


@dataclass(frozen=True, eq=False)
class Rule(Generic[Row]):
    """A condition: `holds(row)` asks it of an object, `sql()` gives it for a query."""

    holds: Callable[[Row], bool]
    sql: Callable[[], ColumnElement[bool]]


NEVER: Rule[Any] = Rule(lambda row: False, false)


def among(column: QueryableAttribute[Any], values: Iterable[object]) -> Rule[Any]:
    """The column has one of `values`; an empty column never has."""
    wanted = frozenset(values)
    name = column.key
    return Rule(lambda row: getattr(row, name) in wanted, lambda: column.in_(list(wanted))) if wanted else NEVER


def is_empty(column: QueryableAttribute[Any]) -> Rule[Any]:
    """The column has no value."""
    name = column.key
    return Rule(lambda row: getattr(row, name) is None, lambda: column.is_(None))


def is_filled(column: QueryableAttribute[Any]) -> Rule[Any]:
    """The column has a value."""
    name = column.key
    return Rule(lambda row: getattr(row, name) is not None, lambda: column.is_not(None))


def all_of(*rules: Rule[Row]) -> Rule[Row]:
    """Every one of `rules`; those that are quick to ask come first."""
    if NEVER in rules:
        return NEVER
    return Rule(lambda row: all(rule.holds(row) for rule in rules), lambda: and_(*(rule.sql() for rule in rules)))


def any_of(*rules: Rule[Row]) -> Rule[Row]:
    """At least one of `rules`; those that are quick to ask come first."""
    possible = [rule for rule in rules if rule is not NEVER]
    if not possible:
        return NEVER
    return Rule(lambda row: any(rule.holds(row) for rule in possible), lambda: or_(*(rule.sql() for rule in possible)))
