import logging
import sys

import pytest
from flask import Flask, g

from web.logs import KeyValues


def _record(message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger("lessons").makeRecord(
        "lessons", logging.WARNING, "file", 1, message, (), None, extra=extra
    )


def test_a_line_begins_with_time_level_and_name() -> None:
    record = _record("stored", plan=7)
    record.created = 0.25
    assert KeyValues().format(record) == "1970-01-01T00:00:00.250Z WARNING lessons stored plan=7"


def test_what_would_break_a_line_is_quoted() -> None:
    line = KeyValues().format(_record("first\nsecond", name_of_plan='富饶 "西沙"', empty=""))
    assert line.count("\n") == 0
    assert r'"first\nsecond" name_of_plan="富饶 \"西沙\"" empty=""' in line


def test_lines_of_a_request_carry_its_id(app: Flask) -> None:
    with app.test_request_context():
        g.request_id = "abcdef12"
        assert "request_id=abcdef12" in KeyValues().format(_record("stored"))


@pytest.mark.parametrize(("below", "lines"), [(False, 1), (True, 4)])
def test_a_traceback_stays_in_its_line_unless_somebody_watches(below: bool, lines: int) -> None:
    record = _record("failed")
    try:
        raise ValueError("no")
    except ValueError:
        record.exc_info = sys.exc_info()
    line = KeyValues(tracebacks_below=below).format(record)
    assert "ValueError: no" in line
    assert len(line.splitlines()) >= lines
    assert below or len(line.splitlines()) == 1
