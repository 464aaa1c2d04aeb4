"""The process that reads one file: bytes from standard input, JSON to standard output.

Arguments: the file's name, the rows it may hold, the seconds and the bytes of memory it may use.
"""

import json
import sys
from dataclasses import astuple

from foundation.apart import stay_within
from manage.importing.cells import read_cells
from manage.importing.refusing import Unreadable


def main() -> None:
    """Sets the limits and reads."""
    name, rows, seconds, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    stay_within(seconds, memory)
    try:
        answer: object = {"sheets": [astuple(sheet) for sheet in read_cells(name, sys.stdin.buffer.read(), rows)]}
    except Unreadable as unreadable:
        answer = {"fault": unreadable.fault, "where": unreadable.where}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
