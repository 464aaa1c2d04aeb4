"""Records in memory: those that stand in the database and those that an import would make, with what it would change."""

from dataclasses import dataclass, field
from typing import Any

from foundation.database import Base


@dataclass(eq=False, slots=True)
class Record:
    """A row of the table of `model`. A value may be another record: it stands for that record's id.

    `id` is None until it was stored. `row` is the number of the row of the file that makes it.
    """

    model: type[Base]
    values: dict[str, Any]
    id: int | None = None
    row: int = 0
    changed: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def change(self, column: str, value: Any) -> None:
        """Let `column` be `value`; what is stored already is stored anew."""
        self.values[column] = value
        if self.id is not None:
            self.changed[column] = value


def stored(value: Any) -> Any:
    """A value as the database takes it."""
    return value.id if isinstance(value, Record) else value
