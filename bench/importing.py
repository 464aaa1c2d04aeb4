"""Time of importing rosters: `.venv/bin/python bench/importing.py [--rows 5000]`.

A group of four campuses moves in with one Excel file of teachers, classes, pupils and assignments; then the same file is
looked at once more, when everything is there already. Each part is a job as the worker does it, reading the file in a
process of its own included.
"""

import argparse
import io
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from openpyxl import Workbook

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from foundation.jobs import Job, do_waiting_jobs
from manage.importing import actions
from schools.actions import NewCampus, NewGroup, NewPerson, set_up_first_group
from schools.models import Group, GroupKind, Person

CAMPUSES = ("城关校区", "云溪小学", "河东小学", "石桥小学")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红"


def file_of(rows: int) -> tuple[bytes, dict[str, int]]:
    """A workbook with about `rows` rows, and how many stand in each of its sheets."""
    teachers, assignments = rows // 14, rows // 10
    classes = max(4, rows // 60)
    pupils = rows - teachers - assignments - classes
    name = lambda n: f"{SURNAMES[n % 20]}{GIVEN[n // 20 % 24]}{GIVEN[n // 480 % 24]}"
    class_of = lambda n: (CAMPUSES[n % 4], f"{'一二三四五六'[n // 4 % 6]}({n // 24 + 1})班")
    sheets = {
        "教师": [["姓名", "工号", "校区"], *([name(n), 10000 + n, CAMPUSES[n % 4]] for n in range(teachers))],
        "班级": [["校区", "班级", "班主任工号"], *([*class_of(n), 10000 + n % teachers // 4 * 4 + n % 4] for n in range(classes))],
        "学生": [["校区", "班级", "姓名", "座号"], *([*class_of(n % classes), name(n), n // classes + 1] for n in range(pupils))],
        "任课": [
            ["校区", "班级", "学科", "工号", "教师"],
            *(
                [*class_of(n % classes), ("语文", "数学", "英语", "科学", "音乐", "美术")[n // classes % 6], 10000 + n % teachers, name(n % teachers)]
                for n in range(assignments)
            ),
        ],
    }  # fmt: skip
    book = Workbook(write_only=True)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue(), {title: len(lines) - 1 for title, lines in sheets.items()}


def timed(by: Person, begun: Job) -> float:
    """Let the worker do the job; the seconds that it takes."""
    began = time.perf_counter()
    do_waiting_jobs()
    took = time.perf_counter() - began
    db.session.refresh(begun)
    assert begun.state == "done", begun.sentence
    return took


def main() -> None:
    """Set up a group, import, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    given = parser.parse_args()
    file, sheets = file_of(given.rows)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="bench"))
        with app.app_context(), writing():
            db.create_all()
            campuses = [NewCampus(name) for name in CAMPUSES]
            group = NewGroup("云溪教育集团", GroupKind.EDUCATION_GROUP, 40, campuses, 0)
            by = set_up_first_group(group, NewPerson("陈管", "admin", "牡丹江 42 条鱼"))
            group_id = db.session.query(Group).one().id
            looked = actions.begin_import(by, group_id, "名单.xlsx", file, "zh_Hans")
            first = timed(by, looked)
            counts = looked.outcome["counts"]
            applied = timed(by, actions.apply_import(by, looked.code))
            again = actions.begin_import(by, group_id, "名单.xlsx", file, "zh_Hans")
            second = timed(by, again)
            same = again.outcome["counts"]
    print(
        f"{sum(sheets.values())} rows ({sheets}), {len(file) // 1024} KiB; load of the machine {os.getloadavg()[0]:.1f}"
    )
    print("| part | seconds | rows |\n| --- | ---: | --- |")
    print(f"| dry run, everything new | {first:.1f} | {counts} |")
    print(f"| import | {applied:.1f} | |")
    print(f"| dry run, everything there | {second:.1f} | {same} |")


if __name__ == "__main__":
    main()
