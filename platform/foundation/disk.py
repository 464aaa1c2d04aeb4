"""What was written survives a loss of power."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` on disk: those of files that were just made, renamed or removed.

    Raises OSError where the file system does not know how; some network drives do not.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
