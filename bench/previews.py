"""Seconds that previews take, in all and for each page: `.venv/bin/python bench/previews.py FILE … [--times 3]`.

As the worker makes them: reading in a process of its own, LibreOffice and ffmpeg with limits, pictures and small pictures of pages.
Keeping them in the store is not counted.
"""

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

from library.previewing.making import make_preview
from library.previewing.pieces import Made


def make_once(file: Path) -> tuple[Made, float, float, int]:
    """The preview, seconds by the clock, of the processor (children too), and bytes of all pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy = folder / f"file{file.suffix.lower()}"
        shutil.copyfile(file, copy)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        made = make_preview(copy, folder)
        took = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        pictures = sum((folder / page.image).stat().st_size for page in made.pages if page.image)
        return made, took, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime, pictures


def main() -> None:
    """Make the preview of each file a few times and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f}; medians of {given.times}")
    for file in given.files:
        runs = [make_once(file) for _ in range(given.times)]
        made, _took, _used, size = runs[0]
        took, used = (statistics.median(run[at] for run in runs) for at in (1, 2))
        pages = max(1, len(made.pages))
        print(
            f"{file.name}: {len(made.pages)} pages, {took:.1f} s, processor {used:.1f} s, "
            f"{took / pages:.2f} s a page, {size / 1024 / pages:.0f} KiB a page {made.reason}"
        )


if __name__ == "__main__":
    main()
