"""Logs: one line per event, `time level name message key=value …`, every line of a request with its id."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from flask import g, has_request_context

_PLAIN = re.compile(r"[^\s\"=]+\Z")
_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class KeyValues(logging.Formatter):
    """A record as one line: what is in `extra` becomes `key=value`, a traceback one quoted value.

    With `tracebacks_below`, for people at a terminal, tracebacks stand in their own lines instead.
    """

    def __init__(self, tracebacks_below: bool = False) -> None:
        super().__init__()
        self.tracebacks_below = tracebacks_below

    def format(self, record: logging.LogRecord) -> str:
        """The line of `record`, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts = [moment.replace("+00:00", "Z"), record.levelname, record.name, _quoted(record.getMessage())]
        values = {key: value for key, value in record.__dict__.items() if key not in _USUAL}
        if has_request_context() and "request_id" in g:
            values.setdefault("request_id", g.request_id)
        below = ""
        if record.exc_info:
            traceback = self.formatException(record.exc_info)
            if self.tracebacks_below:
                below = "\n" + traceback
            else:
                values["traceback"] = traceback
        parts += [f"{key}={_quoted(str(value))}" for key, value in values.items()]
        return " ".join(parts) + below


def _quoted(text: str) -> str:
    return text if _PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


def set_up(level: str) -> None:
    """Write the logs of this process to stderr, from `level` (a name such as INFO) upwards. Raises ValueError."""
    if level.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {level!r}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValues(tracebacks_below=sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("uvicorn", "uvicorn.error", "huey", "alembic", "botocore", "boto3", "urllib3"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
