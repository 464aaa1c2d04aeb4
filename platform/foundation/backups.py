"""When the last good backup was made: a small file in the data folder, for the pages and for `/healthz`."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from foundation.clock import now
from foundation.config import Settings

RECORD = "last_backup.json"
LATE_AFTER = timedelta(days=2)
"""A school makes one a day; a weekend without the server is no reason to worry anybody."""


@dataclass(frozen=True)
class LastBackup:
    """A backup that was read back after it was written: when it was made, its file's name and size in bytes."""

    made_at: datetime
    name: str
    size: int

    @property
    def age(self) -> timedelta:
        """How old it is."""
        return now() - self.made_at

    @property
    def is_late(self) -> bool:
        """Whether another one should have been made since."""
        return self.age > LATE_AFTER


def last_backup(settings: Settings) -> LastBackup | None:
    """The last good backup; None when there was none."""
    try:
        kept = json.loads((settings.data_dir / RECORD).read_text(encoding="utf-8"))
        return LastBackup(datetime.fromisoformat(kept["made_at"]), str(kept["name"]), int(kept["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember_backup(settings: Settings, made: LastBackup) -> None:
    """Keep `made` as the last good backup."""
    file = settings.made_data_dir() / RECORD
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({**asdict(made), "made_at": made.made_at.isoformat()}), encoding="utf-8")
    os.replace(draft, file)
